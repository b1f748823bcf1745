"""Which configuration applies: the ladder, and why each rung was taken or passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ids import ConfigId, new_id
from portal.domain.precedence import Candidate, Choice, Reason, Source, resolve

OFFICE, SALES = ConfigId(new_id()), ConfigId(new_id())


def rung(source, config=None, place=""):
    return Candidate(source, place, Choice(config) if config else None)


def test_the_nearest_configuration_wins_and_the_trace_ends_there():
    answer = resolve([rung(Source.NAMED), rung(Source.USER, OFFICE, "Cal"), rung(Source.TENANT, SALES)])

    assert answer.choice == Choice(OFFICE)
    assert [(each.source, each.reason) for each in answer.trace] == [
        (Source.NAMED, Reason.NONE_NAMED),
        (Source.USER, None),
    ]


def test_a_users_own_link_goes_before_his_profiles():
    answer = resolve([rung(Source.USER, OFFICE), rung(Source.PROFILE, SALES)])

    assert answer.source is Source.USER


def test_the_instance_default_is_the_last_resort():
    answer = resolve([rung(Source.TENANT), Candidate(Source.INSTANCE, "", Choice(None))])

    assert answer.source is Source.INSTANCE
    assert answer.choice == Choice(None)


def test_nothing_at_all_is_an_answer_with_reasons_not_an_error():
    answer = resolve([rung(Source.NAMED), rung(Source.TENANT, place="Cal & Co"), rung(Source.INSTANCE)])

    assert answer.choice is None
    assert answer.source is None
    assert [each.reason for each in answer.trace] == [
        Reason.NONE_NAMED,
        Reason.STAYS_ON_DEFAULT,
        Reason.NOT_CONFIGURED,
    ]


@pytest.mark.parametrize("source", list(Source))
def test_every_rung_has_a_reason_for_being_passed_over(source):
    assert resolve([rung(source)]).trace[0].reason is not None


@given(st.lists(st.tuples(st.sampled_from(Source), st.none() | st.uuids()), max_size=40))
def test_the_answer_is_the_first_candidate_that_offers_one(rungs):
    candidates = [Candidate(source, "", Choice(ConfigId(config)) if config else None) for source, config in rungs]

    answer = resolve(candidates)

    offers = [candidate.choice for candidate in candidates if candidate.choice]
    assert answer.choice == (offers[0] if offers else None)
    taken = candidates.index(next(each for each in candidates if each.choice)) + 1 if offers else len(candidates)
    assert len(answer.trace) == taken
