"""Whose configuration is used, in a real Chromium: linked to a person, to a profile, with passwords changed by themselves."""

import pytest
from playwright.sync_api import Page, expect

from portal.demo.presets import MAIL_PASSWORD
from tests.slow.chromium import PHONE, browsing, overflows, violations, visiting
from tests.slow.live import running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def live(tmp_path):
    with running(tmp_path / "instance") as portal:
        yield portal


@pytest.fixture
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def envelope(page: Page, place: str, name: str) -> None:
    page.get_by_role("link", name=place, exact=True).first.click()
    page.get_by_role("link", name=f"Mail of {name}", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("E-mail of")


def link(page: Page, label: str) -> None:
    page.get_by_label("Linked configuration").select_option(label=label)
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("Success: linked. The next mail goes this way.")).to_be_visible()


@pytest.mark.req("S0.9", "S0.13", "S0.16", "S2.2")
@pytest.mark.parametrize("scripts", [True, False])
def test_sue_links_an_account_to_herself_mends_its_password_and_tests_it(browser, live, scripts):
    with visiting(browser, live.url, person="sue", scripts=scripts) as page:
        envelope(page, "People", "Sue")
        link(page, "Newsletter (news@sue-partners.test)")
        expect(page.get_by_text("“Newsletter”, because it is linked to this user.")).to_be_visible()
        here = page.url

        page.get_by_role("button", name="Send Test Mail").click()
        expect(page.get_by_text("Stopped at sign-in")).to_be_visible(timeout=30_000)

        page.goto(here)
        page.get_by_role("link", name="Change password").click()
        page.get_by_label("New password").fill(MAIL_PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("has a new password")).to_be_visible()

        page.goto(here)
        page.get_by_role("button", name="Send Test Mail").click()
        expect(page.get_by_text("The server accepted the mail for sue@demo.test")).to_be_visible(timeout=30_000)

        page.goto(here)
        page.get_by_role("button", name="Unlink").click()
        expect(page.get_by_text("Success: unlinked.")).to_be_visible()


@pytest.mark.req("S0.10")
def test_sue_links_an_account_to_a_profile_of_hers_on_a_phone(browser, live):
    with visiting(browser, live.url, person="sue", viewport=PHONE, theme="dark") as page:
        page.goto(page.url.replace("/mail-configs", "/profiles"))
        page.get_by_role("link", name="Mail of Office", exact=True).click()
        link(page, "Newsletter (news@sue-partners.test)")
        assert violations(page) == []
        assert not overflows(page)
        page.goto("/me/mail")
        expect(page.get_by_text("Newsletter, which is linked to a profile of yours")).to_be_visible()


@pytest.mark.req("S0.17")
def test_rex_changes_the_password_of_the_account_that_is_his_alone(browser, live):
    with visiting(browser, live.url, person="rex") as page:
        page.goto("/me/mail")
        page.get_by_role("link", name="Change mail password").click()
        popup = page.locator("#popup")
        expect(popup.get_by_text("127.0.0.1")).to_be_visible()
        assert violations(page) == []
        popup.get_by_label("New password").fill(MAIL_PASSWORD)
        popup.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Success: your mail account has a new password.")).to_be_visible()

        page.get_by_role("button", name="Send me a test mail").click()
        expect(
            page.get_by_text("on its way", exact=False).or_(page.get_by_text("accepted", exact=False)).first
        ).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("scripts", [True, False])
def test_many_are_changed_at_once_behind_a_question(browser, live, scripts):
    with visiting(browser, live.url, person="sue", scripts=scripts) as page:
        page.get_by_role("link", name="People", exact=True).first.click()
        page.get_by_label("Tick Sue").check()
        page.get_by_label("Those that are ticked:").select_option(label="add to Newsletter team")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Add 1 person to “Newsletter team”?").first).to_be_visible()
        page.get_by_role("button", name="Yes, add").click()
        expect(page.get_by_text("Success: added 1 person.")).to_be_visible()
        expect(page.get_by_text("Newsletter team, Office")).to_be_visible()
