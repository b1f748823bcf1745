"""What the operator may do with a mail, and how attempts are counted over time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.mail_log import LogLine
from portal.domain.outgoing import CARRIES_LINK, Lane, Purpose
from portal.domain.queue import QueueLine, QueueStep, Span, tally

NOW = datetime(2026, 3, 2, 9, 41, 7, 8, tzinfo=UTC)


def line(state, *, purpose=Purpose.MESSAGE, has_content=True, is_in_hand=False):
    mail = LogLine(
        tenant_id=uuid4(), tenant_name="", message_id=uuid4(), user_id=None, purpose=purpose.value, subject="",
        recipient="cal@demo.test", recipient_id=uuid4(), state=state, code=Code.OK, created_at=NOW, settled_at=None,
        next_at=None, is_own_route=True,
    )  # fmt: skip
    return QueueLine(mail, Lane.NORMAL, has_content, is_in_hand)


def test_a_day_has_the_hours_up_to_the_one_that_runs():
    edges = Span.DAY.edges(NOW)

    assert (len(edges), edges[0], edges[-1]) == (
        25,
        datetime(2026, 3, 1, 10, tzinfo=UTC),
        datetime(2026, 3, 2, 10, tzinfo=UTC),
    )


def test_a_fortnight_has_the_days_up_to_the_one_that_runs():
    edges = Span.FORTNIGHT.edges(NOW)

    assert (len(edges), edges[0], edges[-1]) == (
        15,
        datetime(2026, 2, 17, tzinfo=UTC),
        datetime(2026, 3, 3, tzinfo=UTC),
    )


def test_outcomes_are_delivered_failed_or_put_off_and_what_was_let_go_is_none_of_them():
    edges = [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    counts = [(0, Code.OK, 3), (0, Code.RECIPIENT_REJECTED, 2), (1, Code.BUSY, 5), (1, Code.UNKNOWN, 1)]
    first, second = tally(edges, [*counts, (1, Code.LET_GO, 7)])

    assert (first.since, first.delivered, first.failed, first.put_off, first.total) == (edges[0], 3, 2, 0, 5)
    assert (second.since, second.delivered, second.failed, second.put_off, second.total) == (edges[1], 0, 0, 6, 6)


@pytest.mark.parametrize("purpose", sorted(CARRIES_LINK))
def test_a_mail_with_a_link_that_works_once_is_never_retried(purpose):
    assert QueueStep.RETRY in line(State.DEFERRED).steps
    assert QueueStep.RETRY not in line(State.DEFERRED, purpose=purpose).steps


def test_what_is_erased_is_not_retried_and_what_is_in_hand_is_left_alone():
    assert line(State.QUARANTINED, has_content=False).steps == (QueueStep.CANCEL,)
    assert line(State.QUEUED, is_in_hand=True).steps == ()
