"""The operator sees what waits, holds the queue, and lets go of it and of what a restored database holds."""

import pytest

from portal.domain.outgoing import Mailbox, Outgoing

HELLO = Outgoing("Hello", "A line.\n")


@pytest.fixture
def waiting(cast, services):
    return services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=HELLO)[0]


def test_an_empty_queue_is_said_to_be_empty(typed):
    result = typed("queue")

    assert (result.exit_code, result.output) == (0, "The queue is not held.\n")


def test_what_waits_is_counted_by_state(typed, waiting):
    assert "queued       1\n" in typed("queue").output


def test_the_queue_is_held_and_goes_on_only_when_that_is_said(typed, waiting, services):
    assert "The whole queue is held since 2026-03-02T09:00+00:00, by the operator." in typed("queue", "hold").output
    asked = typed("queue", "release")
    assert "The whole queue is held" in asked.output
    assert "Nothing was sent." in asked.output
    assert services.queue.standing(None).hold is not None

    assert "The queue goes on." in typed("queue", "release", "--yes").output
    assert services.queue.standing(None).hold is None
    assert typed("queue", "release", "--yes").output == "The queue is not held.\n"


def test_mail_of_an_older_copy_is_let_go_only_when_that_is_said(typed, waiting, services):
    assert "Held since the database was restored: 1" in typed("queue", "hold", "--restored").output
    asked = typed("queue", "release")
    assert "Held since the database was restored: 1" in asked.output
    assert "Nothing was sent." in asked.output
    assert services.rollback.held().recipients == 1

    assert "Let go: 1." in typed("queue", "release", "--yes").output
    assert services.rollback.held().recipients == 0


def test_one_release_ends_both_kinds_of_holding(typed, waiting, services):
    typed("queue", "hold")
    typed("queue", "hold", "--restored")

    told = typed("queue", "release", "--yes").output
    assert "The queue goes on." in told
    assert "Let go: 1." in told
    assert not services.queue.standing(None).is_held
