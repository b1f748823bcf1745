"""Knows the demo's people, each in a browser window of his own, and how one of them gets to where a screen is seen."""

import json
import re
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser, Page

from tests.slow.chromium import visiting
from tests.slow.live import Live

VIEWPORT, SMALL = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

# What is another one each time: moments, durations, ids and one-time secrets.
_FLEETING = (
    (r"\b\d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d?:\d\d(:\d\d)?", "2 Mar 2026, 09:00"),
    (r"\b[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d", "Mon, 02 Mar 2026 09:00:00"),
    (r"\b20\d\d-\d\d-\d\d\b", "2026-03-02"),
    (r"\b\d\d:\d\d:\d\d\b", "09:00:00"),
    (r"\bjust now\b|\b\d+ min ago\b", "2 min ago"),
    (r"\b\d+(\.\d+)? ?ms\b", "12 ms"),
    (r"\b\d+\.\d+ s\b", "0.1 s"),
    (r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b", "0123456789abcdef"),
    (r"/(invitations|password-resets|email-changes|contact-confirmations)/[\w-]{20,}", "/$1/…"),
    (r"\b([A-Z2-7]{4} ){3,}[A-Z2-7]{1,4}\b", "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567"),
)
# Where words and numbers are shown as they are; a browser's own time fields are left alone.
_HOLD_STILL = """([pairs, ports]) => {
  const rules = pairs.map(([pattern, text]) => [new RegExp(pattern, "g"), text]);
  const still = (text) => {
    for (const [from, to] of Object.entries(ports)) text = text.replaceAll(from, to);
    return rules.reduce((said, [pattern, told]) => said.replace(pattern, told), text);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const said = still(walk.currentNode.data);
    if (said !== walk.currentNode.data) walk.currentNode.data = said;
  }
  for (const field of document.querySelectorAll("input:not([type=hidden], [type=file], [type=date]), textarea")) {
    const said = still(field.value);
    if (said !== field.value) field.value = said;
  }
  document.activeElement?.blur();
}"""
_IS_THERE = """(start) => document.readyState === "complete" && !document.querySelector("[aria-busy=true], .htmx-request")
  && (location.href !== start || document.querySelector("#popup[open] h2"))"""


class Stage:
    """A live demo with everybody in it. Whatever a browser complained about is raised at the end."""

    def __init__(self, browser: Browser, live: Live) -> None:
        self.live = live
        self._browser = browser
        self._windows = ExitStack()
        self._pages: dict[str, Page] = {}
        self._homes: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._windows.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._windows.__exit__(kind, error, trace)

    def page(self, person: str = "") -> Page:
        """The window of somebody, who is signed in; without a name that of a stranger."""
        if person not in self._pages:
            window = visiting(self._browser, self.live.url, person=person, viewport=VIEWPORT)
            page = self._pages[person] = self._windows.enter_context(window)
            page.on("dialog", lambda dialog: dialog.accept())  # leaves a form without saving
            if person:
                page.goto("/")
                self._homes[person] = self._home(page)
        return self._pages[person]

    def own(self, person: str, path: str) -> str:
        """The address of a page of somebody's own company."""
        self.page(person)
        return f"{self._homes[person]}/{path}"

    def go(self, person: str, path: str) -> Page:
        """Open an address; one without a slash in front is a page of somebody's own company."""
        page = self.page(person)
        page.goto(path if path.startswith("/") else self.own(person, path))
        return page

    def link_in_letter(self, subject: str, path: str) -> str:
        """What a mail in the demo's mailbox leads to, once it is there."""
        page = self.page("rex")
        for _ in range(80):
            page.goto("/demo/mailbox")
            found = page.locator("main").get_by_role("link", name=subject)
            if found.count():
                found.first.click()
                link = re.search(rf"(/{path}/[\w.~-]+)", page.locator("main").inner_text())
                assert link, page.url
                return link[1]
            page.wait_for_timeout(250)
        raise AssertionError(f"no mail “{subject}” arrived")

    def hold_still(self, page: Page) -> None:
        """Nothing on the page is of this very moment any more; afterwards it is only good for looking at."""
        kept = json.loads((self.live.instance / "demo" / "ports.json").read_text())
        ports = {str(kept[name]): told for name, told in (("starttls", "2587"), ("tls", "2465"), ("plain", "2525"))}
        page.evaluate(_HOLD_STILL, [_FLEETING, {**ports, self.live.url.rpartition(":")[2]: "8000"}])

    def look(self, page: Page, theme: str, viewport: dict[str, int], look_at: str = "") -> None:
        """The same page in another light or on another device, with what is to be seen in sight."""
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(viewport)
        if look_at:
            page.locator(look_at).evaluate("part => part.scrollIntoView({block: 'start'})")

    def _home(self, page: Page) -> str:
        """`/t/<id>` of one's own company, taken from the menu; whoever has no menu of a company has none."""
        links = page.eval_on_selector_all("a[href^='/t/']", "links => links.map(link => link.getAttribute('href'))")
        return "/".join(links[0].split("/")[:3]) if links else ""


def follow(page: Page, pattern: str, *, nth: int = 0) -> Page:
    """Click a link by its address, folded away in a menu or not, and wait for the page or the pop-up behind it."""
    start = page.url
    for asked in page.locator(".menu__ask").all():  # a row's menu is brought to it when somebody asks
        asked.evaluate("link => link.click()")
    links = page.locator("a[href]").all()
    found = [link for link in links if re.search(pattern, link.get_attribute("href") or "")]
    assert len(found) > nth, f"{start}: no link like {pattern}"
    found[nth].evaluate("link => link.click()")
    page.wait_for_function(_IS_THERE, arg=start)
    return page


def press(page: Page, name: str) -> None:
    """Press a button of the page's main part."""
    page.locator("main, #popup[open]").get_by_role("button", name=name).first.click()


def accepted(page: Page) -> None:
    """A test mail was taken."""
    page.get_by_text(re.compile("accepted the mail for|@demo.test in")).first.wait_for(timeout=30_000)
