"""What a programmer hands in is judged before it is queued."""

import pytest

from portal.domain.delivery import State
from portal.domain.errors import InvalidError
from portal.domain.outgoing import Mailbox, Outgoing
from tests.work import deliver_all

HELLO = Outgoing("Hello", "A line.\n")


def send(cast, content=HELLO, name=""):
    to = (Mailbox("cal@demo.test", name),)
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=content)[0]


@pytest.mark.parametrize(
    ("content", "name", "field"),
    [
        (Outgoing("two\nlines", "x"), "", "subject"),
        (Outgoing("\ud800", "x"), "", "subject"),
        (Outgoing("x", "a\0b"), "", "text"),
        (Outgoing("x", "a\x7fb"), "", "text"),
        (Outgoing("x", "ä\x9b"), "", "text"),
        (Outgoing("x", "x", "<p>\udfff</p>"), "", "html"),
        (HELLO, "Cal\r\nBcc: otto@demo.test", "recipient"),
    ],
)
def test_characters_that_cannot_travel_are_refused_at_once(cast, services, content, name, field):
    with pytest.raises(InvalidError) as refused:
        send(cast, content, name)

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, "bad-character")]
    assert services.mail_log.page(cast.sue, cast.sue.tenant.id) == []


@pytest.mark.parametrize(
    ("content", "name", "field"),
    [
        (Outgoing("Grüße", "x"), "", "subject"),
        (Outgoing("x", "Grüße"), "", "text"),
        (Outgoing("x", "x", "<p>ü</p>"), "", "html"),
        (HELLO, "Cäl", "recipient"),
    ],
)
def test_a_strict_configuration_refuses_what_it_cannot_carry(cast, content, name, field):
    cast.active_config(cast.pia, charset="us-ascii", misfit="strict")

    with pytest.raises(InvalidError) as refused:
        send(cast, content, name)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, "does-not-fit")]


def test_otherwise_that_part_alone_goes_as_utf_8_and_the_log_says_so(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"), charset="us-ascii")
    message_id = send(cast, Outgoing("Grüße", "A line.\n"))
    deliver_all(services)

    page = services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id)
    assert page.notes == ("sent-as-utf-8:subject:ü",)
    assert (mail_server.letters[0].subject, page.lines[0].state) == ("Grüße", State.SENT)


def test_a_mail_of_the_portal_itself_waits_where_a_strict_configuration_cannot_carry_it(cast, services):
    cast.active_config(cast.pia, charset="us-ascii", misfit="strict")

    services.invitations.invite(cast.sue, cast.sue.tenant.id, email="new@demo.test", name="Süe", role="staff")
    deliver_all(services)

    line = services.mail_log.page(cast.sue, cast.sue.tenant.id)[0]
    assert (line.state, line.code) == (State.HELD, "msg.does_not_fit")
