"""Contacts and invoices on their pages: ask, agree by a button, send, and see what became of it."""

import re
from io import BytesIO

import pytest

from portal.domain.invoices import LARGEST_PDF
from tests.page import Browser
from tests.work import deliver_all

PDF = b"%PDF-1.7\n"


@pytest.fixture(autouse=True)
def served(cast, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))


def url(tenant, path="contacts"):
    return f"/t/{tenant.id}/{path}"


def link_in(mail_server):
    return re.search(r"http://portal\.test(/contact-confirmations/\S+)", mail_server.letters[-1].text)[1]


@pytest.fixture
def agreed(cast, as_, app, services, mail_server):
    """A billing contact of Sue's company who came by the pages."""
    sue = as_(cast.sue)
    sue.post(url(cast.sue.tenant), {"kind": "billing", "name": "Bill", "email": "bill@sue.example"})
    deliver_all(services)
    Browser.of(app).post(link_in(mail_server), at="/sign-in")
    mail_server.clear()


@pytest.mark.req("S3.2")
def test_a_contact_is_asked_agrees_by_a_button_and_is_removed(cast, as_, app, services, mail_server):
    sue, stranger = as_(cast.sue), Browser.of(app)
    assert "No contacts yet" in sue.page(url(cast.sue.tenant)).text
    done = sue.post(url(cast.sue.tenant), {"kind": "billing", "name": "Bill", "email": "bill@sue.example"})
    page = sue.page(done.location)
    assert "bill@sue.example was asked to agree by mail." in page.text
    assert "asked, no answer yet" in page.text
    deliver_all(services)

    link = link_in(mail_server)
    assert "Sue & Partners names bill@sue.example as its contact for: Invoices." in stranger.page(link).text
    assert "asked, no answer yet" in sue.page(url(cast.sue.tenant)).text  # looking is not agreeing
    assert "Thank you" in stranger.post(link, at="/sign-in").text
    assert stranger.get(link).status_code == 404
    page = sue.page(url(cast.sue.tenant))
    assert "agreed" in page.text

    removal = next(each["href"] for each in page.all("a") if (each.get("href") or "").endswith("/removal"))
    assert "Remove Bill?" in sue.page(removal).text
    assert sue.post(removal).status_code == 303
    assert "No contacts yet" in sue.page(url(cast.sue.tenant)).text


def test_what_is_wrong_stands_at_its_field(cast, as_):
    answer = as_(cast.sue).post(url(cast.sue.tenant), {"kind": "billing", "name": "Bill", "email": "nobody"})

    assert answer.status_code == 422
    assert 'aria-describedby="email-hint email-error"' in answer.text


@pytest.mark.req("S3.3")
def test_an_invoice_is_uploaded_and_its_refusal_is_shown_to_both_sides(cast, as_, agreed, services, mail_server):
    rex, sue = as_(cast.rex), as_(cast.sue)
    mail_server.refuse("bill@sue.example")
    page = rex.page(url(cast.sue.tenant, "invoices/new"))
    assert "bill@sue.example" in page.text
    fields = {"invoice_id": page.value("invoice_id"), "number": "2026-7", "file": (BytesIO(PDF), "Invoice.pdf")}
    done = rex.post(url(cast.sue.tenant, "invoices"), fields)
    assert done.status_code == 303
    deliver_all(services)

    theirs = rex.page(done.location).text
    assert "2026-7" in theirs
    assert "Failed" in theirs
    own = sue.page(url(cast.sue.tenant, "invoices")).text
    assert "the recipient was refused: check the address." in own
    assert "5.1.1" not in own
    assert "Send an invoice" not in own


@pytest.mark.asvs("5.2.1")
def test_a_file_of_ten_megabytes_fits_and_nothing_else_that_large(cast, as_, agreed, services):
    rex = as_(cast.rex)
    large = PDF + b"0" * (LARGEST_PDF - len(PDF))
    page = rex.page(url(cast.sue.tenant, "invoices/new"))
    fields = {"invoice_id": page.value("invoice_id"), "number": "1"}

    def send(content):
        answer = rex.post(url(cast.sue.tenant, "invoices"), {**fields, "file": (BytesIO(content), "a.pdf")})
        answer.request.environ["wsgi.input"].close()
        return answer.status_code

    assert send(large) == 303
    assert send(large + b"0" * 100_000) == 413
    assert rex.post(url(cast.sue.tenant), {"name": "x" * 2_000_000}).status_code == 413


def test_without_a_contact_the_form_says_where_to_begin(cast, as_):
    assert (
        "No billing contact of this company has agreed yet."
        in as_(cast.rex).page(url(cast.sue.tenant, "invoices/new")).text
    )


@pytest.mark.parametrize("token", ["x", "%00", "x" * 5000])
def test_a_link_of_nobody_does_not_work(app, token):
    assert Browser.of(app).get(f"/contact-confirmations/{token}").status_code == 404


def test_contacts_are_filtered_and_sorted_by_the_address(cast, as_, services):
    for kind, name in (("billing", "Abel"), ("abuse", "Zoe")):
        services.contacts.add(cast.sue, cast.sue.tenant.id, kind=kind, name=name, email=f"{name}@demo.test")
    sue = as_(cast.sue)
    by_kind, by_name = sue.page(url(cast.sue.tenant)), sue.page(url(cast.sue.tenant, "contacts?sort=name"))

    assert by_kind.text.index("Zoe") < by_kind.text.index("Abel")
    assert by_name.text.index("Abel") < by_name.text.index("Zoe")
    assert [each["aria-sort"] for each in by_name.all("th") if "aria-sort" in each] == ["ascending"]
    turned = sue.page(url(cast.sue.tenant, "contacts?sort=email&order=reversed&q=DEMO"))
    assert (turned.value("sort"), turned.value("order")) == ("email", "reversed")  # another filter keeps the order
    assert turned.text.index("Zoe") < turned.text.index("Abel")
    assert "Zoe" not in sue.page(url(cast.sue.tenant, "contacts?kind=billing")).text
    assert "Nobody matches." in sue.page(url(cast.sue.tenant, "contacts?q=nobody")).text
