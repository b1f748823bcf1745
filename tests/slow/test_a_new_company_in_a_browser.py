"""A new company in a real Chromium: the pop-up, its errors, and the link that is shown once and can be copied."""

import pytest
from playwright.sync_api import expect

from tests.cast import PASSWORD
from tests.slow.chromium import browsing
from tests.web.face_app import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def rex(app, cast, require):
    """Rex's browser on a portal of its own in which nothing can send mail yet."""
    with serving(app) as address, browsing(require("chromium")) as browser:
        context = browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill("rex@demo.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"/t/{cast.rex.tenant.id}/tree")
        yield page
        context.close()


def test_the_pop_up_says_what_is_missing_and_then_shows_the_link_to_copy(rex):
    rex.get_by_role("link", name="Add company").first.click()
    popup = rex.locator("#popup")
    popup.get_by_role("button", name="Add company").click()
    expect(popup.get_by_text("Type the name of the company.")).to_be_visible()

    popup.get_by_label("Customer").check()
    popup.get_by_label("Name of the company").fill("First Light")
    popup.get_by_label("Owner's name").fill("Cal")
    popup.get_by_label("Owner's e-mail address").fill("light@demo.test")
    popup.get_by_role("button", name="Add company").click()

    link = popup.get_by_label("Link to choose a password").input_value()
    assert link.startswith("http://portal.test/invitations/")
    popup.get_by_role("button", name="Copy").click()
    expect(popup.get_by_role("button", name="Copied")).to_be_visible()
    assert rex.evaluate("navigator.clipboard.readText()") == link

    popup.get_by_role("link", name="Done").click()
    expect(rex.locator(".tree").get_by_role("link", name="First Light")).to_be_visible()


def test_a_branch_is_folded_and_a_menu_opened_by_keyboard_alone(rex):
    fold = rex.locator(".tree__fold").first
    fold.focus()
    rex.keyboard.press("Enter")
    expect(rex.get_by_role("link", name="Cal & Co", exact=True)).to_be_hidden()
    rex.keyboard.press("Enter")
    expect(rex.get_by_role("link", name="Cal & Co", exact=True)).to_be_visible()

    rex.get_by_label("Actions for Sue & Partners").focus()
    rex.keyboard.press("Enter")
    expect(rex.get_by_role("link", name="Suspend")).to_be_visible()
    rex.keyboard.press("Escape")
    expect(rex.get_by_role("link", name="Suspend")).to_be_hidden()
