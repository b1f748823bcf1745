"""Arabic pages in a real Chromium: turned around, read by axe, and with addresses that stay as they are."""

import pytest
from playwright.sync_api import Page, expect

from tests.slow.chromium import DESKTOP, PHONE, browsing, overflows, violations, visiting
from tests.slow.live import running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
PLACES = (
    "dashboard",
    "mail-configs",
    "mail-configs/new",
    "extra-options",
    "tree",
    "people",
    "profiles",
    "mail-templates",
    "mail-log",
    "audit-log",
)
OWN = ("/me/mail", "/me/preferences", "/help")


@pytest.fixture
def live(tmp_path):
    with running(tmp_path / "instance") as portal:
        yield portal


@pytest.fixture
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def speak_arabic(page: Page) -> None:
    page.goto("/me/preferences")
    page.locator("select[name=language]").select_option("ar")
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/me/mail")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_every_page_of_sue_is_turned_around_and_axe_finds_nothing(browser, live, viewport, theme):
    with visiting(browser, live.url, person="sue", viewport=viewport, theme=theme) as page:
        home = page.url.partition("/mail-configs")[0]
        speak_arabic(page)
        found = []
        for url in (*(f"{home}/{place}" for place in PLACES), *OWN):
            page.goto(url)
            assert page.locator("html").get_attribute("lang") == "ar", url
            found += violations(page)
            found += [f"{url} is too wide"] if overflows(page) else []
        assert found == []


def test_the_menu_stands_on_the_right_and_an_address_is_read_from_the_left(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        home = page.url.partition("/mail-configs")[0]
        speak_arabic(page)
        rail, main = page.locator(".portal__rail").bounding_box(), page.locator("main").bounding_box()
        assert rail["x"] > main["x"]

        page.goto(f"{home}/mail-configs/new")
        host = page.locator("input[name=host]")
        assert host.evaluate("field => getComputedStyle(field).direction") == "ltr"
        assert page.locator("input[name=name]").evaluate("field => getComputedStyle(field).direction") == "rtl"


def test_a_stranger_turns_the_sign_in_page_around_without_scripts(browser, live):
    with visiting(browser, live.url, scripts=False) as page:
        page.goto("/sign-in")
        page.get_by_role("button", name="العربية").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.get_by_role("heading", level=1)).to_have_text("تسجيل الدخول")
