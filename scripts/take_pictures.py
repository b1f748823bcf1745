"""Takes the pictures of the documentation from a running demo, so that they never age: make pictures."""

import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from passlib.totp import TOTP  # noqa: E402 - after the path is set
from playwright.sync_api import Browser, Page, expect  # noqa: E402 - after the path is set

from tests.slow.chromium import PHONE, browsing, visiting  # noqa: E402
from tests.slow.live import Live, running  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed")
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "instance") as live,
        browsing(chromium) as browser,
    ):
        _sues_story(browser, live)
        _whose_mail(browser, live)
        _on_the_phone(browser, live)
        _pias_view(browser, live)
        _pias_queue(browser, live)
        _cals_view(browser, live)
        _ottos_second_factor(browser, live)


def _sues_story(browser: Browser, live: Live) -> None:
    with visiting(browser, live.url) as page:
        page.goto("/sign-in")
        _take(page, "sign-in")
    with visiting(browser, live.url, person="sue") as page:
        _test_the_newsletter(page)
        page.get_by_role("link", name="Add config").click()
        page.get_by_role("button", name="Demo server with STARTTLS").click()
        expect(page.get_by_label("Server address")).to_have_value("127.0.0.1")
        page.get_by_label("Name", exact=True).fill("Office relay")
        page.get_by_label("Encoding", exact=True).select_option("iso-8859-2")
        _take(page, "editor")
        page.get_by_role("button", name="Send Test Mail").click()
        expect(page.get_by_text("The server accepted the mail for")).to_be_visible(timeout=30_000)
        page.get_by_text("The server accepted the mail for").scroll_into_view_if_needed()
        _take(page, "test-result")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Select it in the list to use it.")).to_be_visible()
        page.get_by_role("radio", name=re.compile("Office relay")).check()
        expect(page.get_by_role("status").filter(has_text="Success")).to_be_visible()
        _take(page, "list")
        own = page.url.rpartition("/")[0]
        page.goto(f"{own}/mail-configs/provider-default")
        _take(page, "provider-default")
        _explain(page, own)
        page.goto("/demo/mailbox")
        _take(page, "demo-mailbox")
        page.get_by_role("link", name="Test mail from Sue & Partners").first.click()
        _take(page, "demo-mail")
    with visiting(browser, live.url, person="sue", theme="dark") as page:
        _take(page, "list-dark")
        page.get_by_role("link", name="Office relay").click()
        page.get_by_role("dialog").get_by_role("link", name="Delete").click()
        expect(page.get_by_role("button", name=re.compile("Yes"))).to_be_visible()
        _take(page, "deletion-dark")


def _explain(page: Page, own: str) -> None:
    """Sue's own mail, and how it would be without what is linked to her."""
    page.goto(
        f"{own}/explanation?user=sue@demo.test&purpose=password-reset&unlinked=profile:Office&selected=provider-default"
    )
    _take(page, "explanation")


def _test_the_newsletter(page: Page) -> None:
    """Its password is wrong: a picture of what is said then."""
    page.get_by_role("link", name="Newsletter").click()
    page.get_by_role("button", name="Send Test Mail").click()
    stopped = page.get_by_text("Stopped at sign-in")
    expect(stopped).to_be_visible(timeout=30_000)
    stopped.scroll_into_view_if_needed()
    _take(page, "test-failed")
    page.on("dialog", lambda dialog: dialog.accept())  # leave without saving
    page.get_by_role("link", name="Cancel").click()


def _whose_mail(browser: Browser, live: Live) -> None:
    """The demo's own links and profiles, as Sue and Rex see them."""
    with visiting(browser, live.url, person="sue") as page:
        own = page.url.rpartition("/")[0]
        for path, name in (("profiles", "profiles"), ("administration", "administration")):
            page.goto(f"{own}/{path}")
            _take(page, name)
        page.goto(f"{own}/profiles")
        page.get_by_role("link", name="Mail of Newsletter team", exact=True).click()
        page.get_by_role("link", name="Extra configurations").click()
        page.get_by_role("link", name="Messages per minute").click()
        _take(page, "extra-configurations")
    with visiting(browser, live.url, person="rex") as page:
        page.get_by_role("link", name="People", exact=True).first.click()
        page.get_by_role("link", name="Mail of Rex", exact=True).click()
        _take(page, "user-mail")
        page.goto("/me/mail")
        _take(page, "my-mail-account")


def _on_the_phone(browser: Browser, live: Live) -> None:
    for theme in ("light", "dark"):
        with visiting(browser, live.url, person="sue", viewport=PHONE, theme=theme) as page:
            _take(page, f"phone-list-{theme}")
    with visiting(browser, live.url, person="sue", viewport=PHONE, scripts=False) as page:
        page.get_by_role("link", name="Add config").click()
        _take(page, "phone-editor-without-scripts")


def _pias_view(browser: Browser, live: Live) -> None:
    with visiting(browser, live.url, person="pia") as page:
        own = page.url.rpartition("/")[0]
        _invite(page, f"{own}/invitations/new")
        for path, name in (
            ("tree", "companies"),
            ("children/new", "add-company"),
            ("people", "people"),
            ("audit-log", "audit"),
            ("mail-log", "mail-log"),
        ):
            page.goto(f"{own}/{path}")
            _take(page, name)
        page.get_by_role("link", name="invites you to Pia Cloud").click()
        _take(page, "mail")
        _name_contact(page, own)
        page.goto(f"{own}/tree")
        _moving(page)


def _pias_queue(browser: Browser, live: Live) -> None:
    """Held, with mail in it; afterwards it goes on."""
    with visiting(browser, live.url, person="pia") as page:
        own = page.url.rpartition("/")[0]
        _invite(page, f"{own}/invitations/new", "rex@pia-cloud.test")
        page.goto("/queue")
        page.get_by_role("button", name="Hold the queue").click()
        expect(page.get_by_role("status").filter(has_text="The whole queue is held.")).to_be_visible()
        for name in ("otto", "cal"):
            _invite(page, f"{own}/invitations/new", f"{name}@pia-cloud.test")
        page.goto("/queue")
        page.get_by_role("button", name="Hold: mail to otto@pia-cloud.test").click()
        page.goto("/queue")
        _take(page, "queue")
        page.goto("/queue/release")
        page.get_by_role("button", name="Yes, release").click()
        expect(page.get_by_role("status").filter(has_text="The queue goes on.")).to_be_visible()


def _invite(page: Page, url: str, email: str = "sue@pia-cloud.test") -> None:
    """A mail in the log."""
    page.goto(url)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name", exact=True).fill("Sue")
    page.get_by_role("radio", name="Staff").check()
    page.get_by_role("button", name="Invite").click()
    page.wait_for_url("**/people")
    page.wait_for_timeout(2_000)  # the mail leaves meanwhile


def _name_contact(page: Page, own: str) -> None:
    page.goto(f"{own}/contacts/new")
    page.get_by_role("radio", name="Invoices").check()
    page.get_by_label("Name", exact=True).fill("Rex")
    page.get_by_label("E-mail address").fill("rex@demo.test")
    page.get_by_role("button", name="Add and ask").click()
    expect(page.get_by_text("was asked to agree by mail.")).to_be_visible()
    _take(page, "contacts")


def _moving(page: Page) -> None:
    href = page.locator('a[href$="/moving"]').nth(1).get_attribute("href") or ""
    page.goto(href)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_role("button", name="Yes, move")).to_be_visible()
    _take(page, "moving")


def _cals_view(browser: Browser, live: Live) -> None:
    with visiting(browser, live.url, person="cal") as page:
        page.get_by_role("button", name=re.compile("test mail", re.IGNORECASE)).click()
        expect(page.get_by_text("cal@demo.test in")).to_be_visible(timeout=30_000)
        _take(page, "my-test")
        page.goto("/me/mail")
        _take(page, "my-mail")


def _ottos_second_factor(browser: Browser, live: Live) -> None:
    """Last of all: from here on his sign-in takes two steps."""
    with visiting(browser, live.url, person="otto") as page:
        page.goto("/me/second-factor")
        page.get_by_role("button", name="Begin").click()
        key = page.locator(".security__key").inner_text()
        _take(page, "second-factor")
        page.get_by_label("Code from your app").fill(TOTP(key.replace(" ", "")).generate().token)
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("link", name="I have kept them").click()
        _take(page, "security")


def _take(page: Page, name: str) -> None:
    # Hiding the caret or stopping animations would add inline styles, which the page refuses.
    page.screenshot(path=PICTURES / f"{name}.png", caret="initial")


if __name__ == "__main__":
    main()
