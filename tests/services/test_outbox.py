"""What a tenant may see of its mail, and which mail is due."""

import pytest
from sqlalchemy import func, select

from portal.domain.delivery import State
from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.store import outbox
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.counting import counting
from tests.work import OWNER, deliver_all

HELLO = Outgoing("Hello", "A line.\n")


def send(cast, **options):
    return cast.services.sending.send(
        tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=HELLO, **options
    )[0]


def send_each(cast, *to, **options):
    """A mail of its own to each of them."""
    mails = [((Mailbox(address),), Outgoing("Hello", f"A line for {address}.\n")) for address in to]
    queued = cast.services.sending.send_each(tenant_id=cast.sue.tenant.id, mails=mails, **options)
    return [message_id for message_id, _resolution in queued]


def log(cast, message_id):
    return cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id)


def test_each_of_many_gets_a_mail_of_its_own_in_their_order(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    messages = send_each(cast, "cal@demo.test", "otto@demo.test", "rex@demo.test")
    deliver_all(services)

    with reading(SYSTEM) as session:
        everyone = [outbox.recipients_of(session, each)[0].address for each in messages]
    assert everyone == ["cal@demo.test", "otto@demo.test", "rex@demo.test"]
    assert [each.recipients for each in mail_server.letters] == [(each,) for each in everyone]


def test_what_is_alike_for_many_is_looked_up_once(cast, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    with counting() as few:
        send_each(cast, *["cal@demo.test"] * 2)
    with counting() as many:
        send_each(cast, *["cal@demo.test"] * 20)

    assert many == few


def test_of_many_mails_all_are_queued_or_none(cast, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    with pytest.raises(InvalidError):
        send_each(cast, "cal@demo.test", "nobody")
    assert send_each(cast) == []

    with reading(SYSTEM) as session:
        assert session.scalar(select(func.count(outbox.MessageRow.id))) == 0


def test_many_mails_go_to_a_company_that_exists_through_a_configuration_of_its_own(cast):
    with pytest.raises(NotFoundError):
        send_each(cast, "cal@demo.test", config_id=cast.config(cast.rex).id)
    with pytest.raises(NotFoundError):
        send_each(cast, "cal@demo.test", user_id=cast.rex.user_id)


def test_the_steps_of_an_inherited_try_stay_hidden_after_a_try_of_ones_own(cast, services, mail_server, clock):
    cast.active_config(cast.pia, **{**mail_server.typed("none"), "port": str(mail_server.closed_port)})
    message_id = send(cast)
    deliver_all(services)
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    clock.forward(seconds=1)
    deliver_all(services)
    inherited, own = log(cast, message_id).attempts

    assert (inherited.code, inherited.findings) == ("net.refused", ())
    assert (own.code, own.findings != ()) == ("ok", True)


@pytest.mark.parametrize(("owner", "notes"), [("pia", ()), ("sue", ("credentials-unused",))])
def test_what_an_inherited_server_asked_for_is_nobodys_business_below(cast, services, mail_server, owner, notes):
    cast.active_config(getattr(cast, owner), **{**mail_server.typed("none"), "signs_in": True}, username="random")
    message_id = send(cast)
    deliver_all(services)

    assert (log(cast, message_id).lines[0].state, log(cast, message_id).notes) == (State.SENT, notes)


def test_a_mail_whose_time_is_over_is_not_sent_any_more_though_nobody_swept_yet(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    clock.forward(days=6)
    deliver_all(services)
    services.delivering.sweep()

    assert (log(cast, message_id).lines[0].state, mail_server.letters) == (State.EXPIRED, [])


def test_a_poisoned_mail_keeps_its_content_for_whoever_looks_at_it(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    message_id = send(cast)
    with unit_of_work(SYSTEM) as session:
        outbox.recipients_of(session, message_id)[0].crash_count = 2
    claim = services.delivering.claim(OWNER)
    services.delivering._abandon(claim)

    assert log(cast, message_id).lines[0].state is State.QUARANTINED
    with unit_of_work(SYSTEM) as session:
        assert outbox.get_row(session, message_id).content


def test_mail_that_waits_under_a_missing_key_waits_for_the_key(cast, services, mail_server, make_portal):
    """A start with the wrong key ring must not destroy what is in the outbox."""
    cast.active_config(cast.sue, **{**mail_server.typed("none"), "signs_in": False})
    message_id = send(cast)
    with unit_of_work(SYSTEM) as session:
        row = outbox.get_row(session, message_id)
        right, row.content = row.content, b"\x01" + b"sealed with another key" * 3
    deliver_all(services)
    line = log(cast, message_id).lines[0]
    assert (line.state, line.code) == (State.DEFERRED, "portal.error")

    with unit_of_work(SYSTEM) as session:
        outbox.get_row(session, message_id).content = right
        (recipient,) = outbox.recipients_of(session, message_id)
        recipient.next_at = cast.services.clock()
        outbox.reckon(outbox.get_row(session, message_id), [recipient])
    deliver_all(services)
    assert log(cast, message_id).lines[0].state is State.SENT
