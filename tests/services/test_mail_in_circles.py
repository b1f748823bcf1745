"""No mail makes another one without end: what fails makes none for those outside, and alerts go up and not round."""

from datetime import timedelta
from inspect import getmembers, isfunction, signature

import pytest

from portal.domain.branding import UNBRANDED
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Attachment, Mailbox, Outgoing, Purpose
from portal.i18n import ENGLISH
from portal.services.system_mail import Letters
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from tests.work import deliver_all

TO_CAL = (Mailbox("cal@demo.test"),)
LETTERS = [name for name, _ in getmembers(Letters, isfunction) if not name.startswith("_") and name != "reason"]
GIVEN = {
    "valid_for": timedelta(hours=1),
    "code": Code.AUTH_REJECTED,
    "charset": "utf-8",
    "voice": ENGLISH,
    "brand": UNBRANDED,
    "file": Attachment("invoice.pdf", "application/pdf", b"%PDF-1.4"),
}


def mails():
    with reading(SYSTEM) as session:
        return [(message.purpose, message.tenant_id) for message in session.query(outbox.MessageRow)]


@pytest.mark.parametrize("name", LETTERS)
def test_every_mail_of_our_own_says_that_nobody_should_answer_it_by_machine(cast, mail_server, name):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    letters = cast.services.invitations.letters
    method = getattr(letters, name)
    content = method(**{each: GIVEN.get(each, "http://portal.test/x") for each in signature(method).parameters})
    cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=content)
    deliver_all(cast.services)

    assert mail_server.letters[0].message["Auto-Submitted"] == "auto-generated"


def test_a_mail_that_is_refused_makes_no_mail_for_anybody(cast, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    mail_server.refuse("cal@demo.test")
    for sender in ("", "noreply@example.test"):
        content = Outgoing("Hello", "A line.\n", reply_to=Mailbox(sender)) if sender else Outgoing("Hello", "A line.\n")
        cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=content)
    for _ in range(3):
        deliver_all(cast.services)
        cast.services.delivering.sweep()
        clock.forward(days=3)

    assert [purpose for purpose, _ in mails()] == ["message"] * 2
    assert mail_server.letters == []


def test_alerts_about_a_chain_of_failing_configurations_go_up_once_and_end(cast, mail_server, clock):
    for person in (cast.sue, cast.rex, cast.pia):
        cast.active_config(person, password="close but no", **mail_server.typed("tls"))
    cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=Outgoing("Hello", "A line.\n"))
    for _ in range(20):
        deliver_all(cast.services)
        clock.forward(minutes=16)
    alerts = [tenant_id for purpose, tenant_id in mails() if purpose == Purpose.ALERT.value]

    assert sorted(alerts) == sorted(person.tenant.id for person in (cast.sue, cast.rex, cast.pia))
    assert len(mails()) == 4
    with reading(SYSTEM) as session:
        states = {State(row.state) for row in session.query(outbox.RecipientRow)}
    assert states <= {State.DEFERRED, State.HELD}
