"""The mails that the portal itself sends, in a real Chromium: a forgotten password, an alert, an invoice, an explanation."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.demo.presets import MAIL_PASSWORD
from tests.slow.chromium import PHONE, browsing, overflows, violations, visiting
from tests.slow.live import running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]
PDF = b"%PDF-1.7\n% an invoice\n"


@pytest.fixture
def live(tmp_path, mail_server):
    """The demo, which may also reach the server of the tests, where somebody can be refused."""
    with running(tmp_path / "instance", PORTAL_EGRESS_PORTS=str(mail_server.plain_port)) as portal:
        yield portal


@pytest.fixture
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def read(page: Page, subject: str) -> str:
    """The text of a mail in the demo's mailbox, once it is there."""
    for _ in range(60):
        page.goto("/demo/mailbox")
        found = page.get_by_role("link", name=subject)
        if found.count():
            found.first.click()
            return page.locator("main").inner_text()
        page.wait_for_timeout(500)
    raise AssertionError(f"no mail “{subject}” arrived")


def link_in(text: str, path: str) -> str:
    return re.search(rf"http\S*({path}\S+)", text)[1]


@pytest.mark.req("S4.3")
@pytest.mark.parametrize("scripts", [True, False])
def test_sue_forgot_her_password_and_chooses_another_one(browser: Browser, live, scripts):
    with (
        visiting(browser, live.url, scripts=scripts) as stranger,
        visiting(browser, live.url, person="pia", scripts=scripts) as pia,
    ):
        stranger.goto("/sign-in")
        stranger.get_by_role("link", name="Forgotten password?").click()
        stranger.get_by_label("E-mail address").fill("sue@demo.test")
        stranger.get_by_role("button", name="Send me a link").click()
        stranger.goto(link_in(read(pia, "Choose a new password"), "/password-resets/"))
        stranger.get_by_label("New password").fill("quite another passphrase")
        stranger.get_by_role("button", name="Change password").click()
        stranger.goto("/sign-in")
        stranger.get_by_label("E-mail address").fill("sue@demo.test")
        stranger.get_by_label("Password").fill("quite another passphrase")
        stranger.get_by_role("button", name="Sign in").click()
        expect(stranger.get_by_role("heading", level=1)).to_contain_text("Overview")


@pytest.mark.req("S4.2")
def test_sue_is_told_that_a_configuration_fails_and_that_it_works_again(browser: Browser, live):
    with visiting(browser, live.url, person="sue") as sue:
        here = sue.url
        sue.get_by_role("radio", name=re.compile("Newsletter")).check()
        expect(sue.get_by_role("status").filter(has_text="Success")).to_be_visible()
        sue.goto(here.replace("/mail-configs", "/invitations/new"))
        sue.get_by_label("E-mail address").fill("new@demo.test")
        sue.get_by_label("Name", exact=True).fill("New")
        sue.get_by_role("radio", name="Staff").check()
        sue.get_by_role("button", name="Invite").click()
        assert "The server refuses the password." in read(sue, "“Newsletter” does not work: its mail waits")
        sue.goto(here)
        expect(sue.get_by_text("paused, tries again at")).to_be_visible()
        assert violations(sue) == []

        sue.goto(here.replace("/mail-configs", "/explanation"))
        expect(sue.get_by_text("It would wait all the same")).to_be_visible()
        sue.goto(here)
        sue.get_by_label("Actions for Newsletter").click()
        sue.get_by_role("link", name="Change password").click()
        sue.get_by_label("New password").fill(MAIL_PASSWORD)
        sue.get_by_role("button", name="Change password").click()
        expect(sue.get_by_text("has a new password")).to_be_visible()
        assert "A mail went through." in read(sue, "“Newsletter” works again")


@pytest.mark.req("S3.2", "S3.3")
def test_an_invoice_goes_to_two_contacts_of_whom_one_is_refused(browser: Browser, live, mail_server, tmp_path):
    file = tmp_path / "Invoice.pdf"
    file.write_bytes(PDF)
    with (
        visiting(browser, live.url, person="rex", scripts=False) as rex,
        visiting(browser, live.url, person="sue", viewport=PHONE, theme="dark") as sue,
    ):
        _use_own_server(rex, mail_server.plain_port)
        contacts = sue.url.replace("/mail-configs", "/contacts")
        for name in ("bill", "gone"):
            _name_contact(sue, contacts, f"{name}@sue.example")
            _agree(browser, live, mail_server, f"{name}@sue.example")
        mail_server.refuse("gone@sue.example")

        rex.goto(contacts.replace("/contacts", "/invoices/new"))
        rex.get_by_label("Number").fill("2026-7")
        rex.get_by_label("PDF file").set_input_files(file)
        rex.get_by_role("button", name="Send", exact=True).click()
        expect(rex.get_by_text("The invoice is on its way.")).to_be_visible()
        _shows(rex, rex.url, "Failed")
        _shows(sue, contacts.replace("/contacts", "/invoices"), "the recipient was refused")
        expect(sue.get_by_text("bill@sue.example")).to_be_visible()
        assert violations(sue) == []
        assert not overflows(sue)
        sent = [letter for letter in mail_server.letters if letter.subject.startswith("Invoice 2026-7")]
        assert [letter.recipients for letter in sent] == [("bill@sue.example",)]


def _use_own_server(page: Page, port: int) -> None:
    page.get_by_role("link", name="Add config").click()
    for label, value in (("Name", "Billing relay"), ("Server address", "127.0.0.1"), ("Port", str(port))):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("E-mail address (default sender)").fill("billing@rex.example")
    page.get_by_label("Use SSL").uncheck()
    page.get_by_label("Server asks for sign-in").uncheck()
    page.get_by_role("button", name="Save and use").click()
    expect(page.get_by_text("now using “Billing relay”")).to_be_visible()


def _name_contact(page: Page, contacts: str, email: str) -> None:
    page.goto(f"{contacts}/new")
    page.get_by_role("radio", name="Invoices").check()
    page.get_by_label("Name", exact=True).fill(email.partition("@")[0])
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Add and ask").click()
    expect(page.get_by_text(f"{email} was asked to agree by mail.")).to_be_visible()


def _agree(browser: Browser, live, mail_server, email: str) -> None:
    with visiting(browser, live.url) as holder:
        for _ in range(60):
            found = [letter for letter in mail_server.letters if letter.recipients == (email,)]
            if found:
                break
            holder.wait_for_timeout(500)
        holder.goto(link_in(found[0].text, "/contact-confirmations/"))
        holder.get_by_role("button", name="Yes, that is right").click()
        expect(holder.get_by_role("heading", name="Thank you")).to_be_visible()


def _shows(page: Page, url: str, text: str) -> None:
    for _ in range(60):
        page.goto(url)
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{url} never said “{text}”")
