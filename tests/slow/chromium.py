"""Knows a real browser on a real portal: who is in it, whether it runs scripts, and what axe says of its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.slow.live import PASSWORD

_AXE = Path(__file__).resolve().parent.parent / "vendor" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}


@contextmanager
def browsing(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser,
    url: str,
    *,
    person: str = "",
    scripts: bool = True,
    viewport: dict[str, int] | None = None,
    theme: str = "light",
) -> Iterator[Page]:
    """A fresh window, with somebody signed in. Whatever the browser complains about fails at the end."""
    context = browser.new_context(
        base_url=url,
        java_script_enabled=scripts,
        viewport=viewport or DESKTOP,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    if person:
        sign_in(page, person)
    yield page
    context.close()
    assert not complaints, complaints


def _is_complaint(message: object) -> bool:
    """A refused form is answered with 422, which a browser reports as an error; that is no fault of the page."""
    return message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text


def sign_in(page: Page, person: str, password: str = PASSWORD) -> None:
    """Come in, and go to the configurations if he looks after any: there the stories begin."""
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(f"{person}@demo.test")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/(dashboard|me/mail)$"))
    if page.url.endswith("/dashboard"):
        page.goto(page.url.replace("/dashboard", "/mail-configs"))


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands (needs scripts)."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{page.url}: {each['id']}: {node['target']}" for each in found for node in each["nodes"]]


def overflows(page: Page) -> bool:
    """Whether the page has to be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
