"""The life of a mail: allowed steps only, and one retry policy."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.delivery import EDGES, IllegalStepError, State, ensure_allowed, judge
from portal.domain.diagnosis import Code


@pytest.mark.parametrize("ended", [State.SENT, State.FAILED, State.CANCELLED, State.EXPIRED, State.QUARANTINED])
def test_what_has_ended_moves_again_only_where_somebody_asks_for_it_once_more(ended):
    reached = {after for after in State if after in EDGES[ended]}

    assert reached == {
        State.FAILED: {State.QUEUED},
        State.EXPIRED: {State.QUEUED},
        State.QUARANTINED: {State.QUEUED, State.CANCELLED},
    }.get(ended, set())
    with pytest.raises(IllegalStepError):
        ensure_allowed(ended, State.SENDING)


def test_only_the_fence_leads_to_uncertain_and_to_sent_but_for_what_the_journal_knows():
    def before(state):
        return {each for each in State if state in EDGES[each]}

    assert before(State.UNCERTAIN) == {State.COMMITTING}
    assert before(State.SENT) == {State.COMMITTING, State.HELD}


def test_from_every_state_there_is_a_way_to_an_end():
    reached = {state for state in State if not EDGES[state]}
    while more := {state for state in State if EDGES[state] & reached} - reached:
        reached |= more
    assert reached == set(State)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (Code.OK, State.SENT),
        (Code.UNKNOWN, State.UNCERTAIN),
        (Code.RECIPIENT_REJECTED, State.FAILED),
        (Code.CONTENT_REJECTED, State.FAILED),
        (Code.NO_CONFIG, State.HELD),
        (Code.SUSPENDED, State.HELD),
        (Code.AUTH_REJECTED, State.DEFERRED),
        (Code.REFUSED, State.DEFERRED),
        (Code.DESTINATIONS, State.DEFERRED),
        (Code.RECIPIENT_TEMPORARY, State.DEFERRED),
    ],
)
def test_each_outcome_leads_to_its_state(code, state):
    assert judge(code, attempts=1).state is state


@given(st.sampled_from(Code), st.integers(min_value=1, max_value=1000))
def test_waits_grow_and_stay_bounded(code, attempts):
    first, later = judge(code, attempts=attempts), judge(code, attempts=attempts + 1)
    assert (first.wait_for is not None) == (first.state is State.DEFERRED)
    if first.wait_for and later.wait_for:
        assert first.wait_for <= later.wait_for <= timedelta(hours=4)


def test_a_refused_password_is_not_tried_every_minute():
    assert judge(Code.AUTH_REJECTED, attempts=1).wait_for >= timedelta(minutes=15)
