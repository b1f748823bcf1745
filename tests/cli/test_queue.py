"""The operator sees what waits, and lets go of what a restored database holds."""

from portal.domain.outgoing import Mailbox, Outgoing

HELLO = Outgoing("Hello", "A line.\n")


def test_an_empty_queue_is_said_to_be_empty(typed):
    result = typed("queue")

    assert (result.exit_code, result.output) == (0, "Nothing is held because of a restore.\n")


def test_what_waits_is_counted_by_state(typed, cast, services):
    services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=HELLO)

    assert "queued       1\n" in typed("queue").output


def test_held_mail_is_let_go_only_when_that_is_said(typed, cast, services):
    services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=HELLO)
    assert "Held since the database was restored: 1" in typed("queue", "hold").output
    asked = typed("queue", "release")
    assert "Held since the database was restored: 1" in asked.output
    assert "Nothing was sent." in asked.output
    assert services.rollback.held().recipients == 1

    assert "Let go: 1." in typed("queue", "release", "--yes").output
    assert services.rollback.held().recipients == 0
