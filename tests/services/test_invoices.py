"""An invoice goes to every billing contact who agreed, and each of them has a state of his own."""

import re

import pytest

from portal.domain.delivery import State
from portal.domain.errors import ForbiddenError, InvalidError, NotFoundError
from portal.domain.ids import InvoiceId, new_id
from portal.domain.invoices import LARGEST_PDF, TypedInvoice
from portal.domain.outgoing import Purpose
from tests.work import deliver_all

PDF = b"%PDF-1.7\n% an invoice\n"


@pytest.fixture(autouse=True)
def relay(cast, mail_server):
    return cast.active_config(cast.rex, from_address="billing@rex.example", **mail_server.typed("none"))


def typed(**changes):
    return TypedInvoice(**{"number": "2026-7", "note": "", "file_name": "Invoice.pdf", "content": PDF, **changes})


def agreed(cast, services, mail_server, *emails, kind="billing"):
    for email in emails:
        services.contacts.add(cast.sue, cast.sue.tenant.id, kind=kind, name="Bill", email=email)
        deliver_all(services)
        services.contacts.agree(re.search(r"/contact-confirmations/(\S+)", mail_server.letters[-1].text)[1])
    mail_server.clear()


def send(cast, services, *, by=None, tenant=None, invoice_id=None, **changes):
    invoice_id = invoice_id or InvoiceId(new_id())
    services.invoices.send(by or cast.rex, (tenant or cast.sue.tenant).id, invoice_id, typed(**changes))
    return invoice_id


@pytest.mark.req("S3.2", "S3.3")
def test_one_of_two_is_refused_and_the_other_gets_it(cast, services, mail_server):
    agreed(cast, services, mail_server, "bill@sue.example", "gone@sue.example")
    mail_server.refuse("gone@sue.example")
    send(cast, services, note="Thank you.\nSee you.")
    deliver_all(services)
    (letter,) = mail_server.letters
    (attachment,) = letter.message.iter_attachments()
    (invoice,) = services.invoices.overview(cast.sue, cast.sue.tenant.id)

    assert (letter.sender, letter.recipients) == ("billing@rex.example", ("bill@sue.example",))
    assert letter.subject == "Invoice 2026-7 from Rex Hosting"
    assert "Thank you." in letter.text
    assert (attachment.get_filename(), attachment.get_content_type()) == ("Invoice.pdf", "application/pdf")
    assert attachment.get_content() == PDF
    assert [(each.email, each.state, each.code) for each in invoice.receipts] == [
        ("bill@sue.example", State.SENT, "ok"),
        ("gone@sue.example", State.FAILED, "rcpt.rejected"),
    ]
    line = services.mail_log.page(cast.rex, cast.rex.tenant.id)[0]
    assert line.purpose == Purpose.INVOICE.value


@pytest.mark.asvs("2.3.4")
def test_a_second_click_is_the_same_invoice(cast, services, mail_server):
    agreed(cast, services, mail_server, "bill@sue.example")
    invoice_id = send(cast, services)
    send(cast, services, invoice_id=invoice_id)
    deliver_all(services)

    assert len(mail_server.letters) == 1
    with pytest.raises(NotFoundError):
        send(cast, services, invoice_id=invoice_id, tenant=cast.cals_company)


def test_without_a_billing_contact_who_agreed_nothing_is_sent(cast, services, mail_server):
    services.contacts.add(cast.sue, cast.sue.tenant.id, kind="billing", name="Bill", email="bill@sue.example")
    agreed(cast, services, mail_server, "tech@sue.example", kind="technical")
    with pytest.raises(InvalidError) as refused:
        send(cast, services)

    assert refused.value.problems[0].code == "no-billing-contact"


def test_only_those_above_send_invoices_and_the_root_gets_none(cast, services, mail_server):
    agreed(cast, services, mail_server, "bill@sue.example")
    send(cast, services, by=cast.pia)
    for person, tenant, error in (
        (cast.sue, cast.sue.tenant, ForbiddenError),
        (cast.otto, cast.sue.tenant, NotFoundError),
        (cast.pia, cast.pia.tenant, ForbiddenError),
    ):
        with pytest.raises(error):
            send(cast, services, by=person, tenant=tenant)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"content": b""}, "file", "required"),
        ({"content": b"MZ"}, "file", "not-a-pdf"),
        ({"content": PDF + b"\0" * LARGEST_PDF}, "file", "too-large"),
        ({"number": " "}, "number", "required"),
        ({"number": "7\r\nBcc: x"}, "number", "bad-character"),
        ({"number": "7" * 61}, "number", "too-long"),
        ({"note": "\x00"}, "note", "bad-character"),
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field(cast, services, changes, field, code):
    with pytest.raises(InvalidError) as refused:
        send(cast, services, **changes)

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [(field, code)]


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize("name", ["Invoice.pdf", "invoice.exe", "page.html", ""])
@pytest.mark.parametrize(
    "content", [b"MZ\x90\0", b"<html>%PDF-1.7", b"PK\x03\x04", b"\x89PNG\r\n", b" %PDF-1.7", b"%pdf-1.7"]
)
def test_what_is_no_pdf_inside_is_none_whatever_it_is_called(cast, services, name, content):
    with pytest.raises(InvalidError) as refused:
        send(cast, services, file_name=name, content=content)

    assert [problem.code for problem in refused.value.problems] == ["not-a-pdf"]


@pytest.mark.asvs("5.2.2", "5.3.2", "5.4.1")
@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Invoice 7.PDF", "Invoice 7.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Temp\\Rechnung März.pdf", "Rechnung März.pdf"),
        ('a"b\r\nBcc: x', "a b Bcc x.pdf"),
        ("", "invoice.pdf"),
        ("...", "invoice.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
    ],
)
def test_a_file_has_a_name_that_does_no_harm(cast, services, mail_server, name, safe):
    agreed(cast, services, mail_server, "bill@sue.example")
    send(cast, services, file_name=name)

    assert services.invoices.overview(cast.sue, cast.sue.tenant.id)[0].file_name == safe
