"""Without a mouse, in a real Chromium: signing in, adding, testing, selecting and deleting; menus, pop-ups, notices and the tree."""

import pytest
from playwright.sync_api import expect

from tests.slow.chromium import browsing, visiting
from tests.slow.keyboard import focused, is_focus_within, press, tab_to
from tests.slow.live import PASSWORD, running

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(tmp_path_factory.mktemp("keyboard") / "instance") as portal:
        yield portal


@pytest.fixture(scope="module")
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def test_sue_signs_in_adds_tests_selects_and_deletes_a_configuration(browser, live):
    with visiting(browser, live.url) as page:
        page.goto("/sign-in")
        tab_to(page, "E-mail address") if focused(page) != "E-mail address" else None
        page.keyboard.type("sue@demo.test")
        tab_to(page, "Password")
        page.keyboard.type(PASSWORD)
        press(page, "Enter")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.goto(page.locator("a[href$='/mail-configs']").first.get_attribute("href"))

        add_and_test(page, "Keyboard relay")
        tab_to(page, "^Save$")
        press(page, "Enter")
        expect(page.get_by_text("Select it in the list to use it.")).to_be_visible()

        tab_to(page, "Dismiss")
        press(page, "Enter")
        expect(page.get_by_text("Select it in the list to use it.")).to_be_hidden()

        tab_to(page, "^Use ")
        while focused(page) != "Use Keyboard relay":
            press(page, "ArrowDown")
        expect(page.get_by_text("Success: now using “Keyboard relay”")).to_be_visible()
        assert focused(page) == "Use Keyboard relay"

        open_deletion(page, "Keyboard relay")
        tab_to(page, "^Yes, delete")
        press(page, "Enter")
        expect(page.get_by_role("link", name="Keyboard relay", exact=True)).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def add_and_test(page, name):
    tab_to(page, "^Add config$")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Add SMTP Settings")).to_be_visible()
    assert is_focus_within(page, "#popup")
    tab_to(page, "^Demo server with STARTTLS$")
    press(page, "Enter")
    expect(page.get_by_label("Server address")).to_have_value("127.0.0.1")
    tab_to(page, "^Name\\b")
    press(page, "Control+A")
    page.keyboard.type(name)
    tab_to(page, "^Send Test Mail$")
    press(page, "Enter")
    expect(page.get_by_text("The server accepted the mail for sue@demo.test")).to_be_visible(timeout=30_000)
    assert is_focus_within(page, "#popup")


def open_deletion(page, name):
    tab_to(page, f"^Actions for {name}$")
    press(page, "Enter")
    tab_to(page, "^Delete$")
    press(page, "Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Yes, delete")).to_be_visible()


def test_a_menu_closes_by_escape_and_gives_the_focus_back(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        tab_to(page, "^Actions for Newsletter$")
        press(page, "Enter")
        expect(page.get_by_role("link", name="Mark this row").last).to_be_visible()
        tab_to(page, "^Edit$")
        press(page, "Escape")

        expect(page.get_by_role("link", name="Edit")).to_be_hidden()
        assert focused(page) == "Actions for Newsletter"


def test_a_pop_up_keeps_the_focus_and_gives_it_back(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        open_deletion(page, "Newsletter")
        for backwards in (False, True):
            for _ in range(8):
                press(page, "Shift+Tab" if backwards else "Tab")
                assert is_focus_within(page, "#popup") or not focused(page)
        press(page, "Escape")

        expect(page.get_by_role("button", name="Yes, delete")).to_be_hidden()
        assert focused(page) == "Delete"


def test_the_first_stop_leads_past_the_menu(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        page.reload()
        press(page, "Tab")
        assert focused(page) == "Skip to the content"
        press(page, "Enter")
        tab_to(page, "^(Settings|Add config)$")


def test_a_branch_of_the_tree_is_folded_and_a_company_opened(browser, live):
    with visiting(browser, live.url, person="pia") as page:
        tab_to(page, "^Companies$")
        press(page, "Enter")
        page.wait_for_url("**/tree")
        page.goto(page.url)
        tab_to(page, "^Rex Hosting$")
        press(page, "Enter")
        page.wait_for_url("**/mail-configs")
        expect(page.get_by_text("All system mail of Rex Hosting")).to_be_visible()
