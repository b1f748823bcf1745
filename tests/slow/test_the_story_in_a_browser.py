"""Sue's story as she lives it: in a real Chromium, on a portal started by its own command."""

import re

import pytest
from playwright.sync_api import expect

from tests.slow.chromium import PHONE, browsing, violations, visiting
from tests.slow.live import password_in, running

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(tmp_path_factory.mktemp("live") / "instance") as portal:
        yield portal


@pytest.fixture(scope="module")
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def fill_editor(page, name):
    """Add a configuration for the demo's own mail server, in an encoding of its own."""
    page.get_by_role("link", name="Add config").click()
    expect(page.get_by_role("heading", name="Add SMTP Settings")).to_be_visible()
    page.get_by_role("button", name="Demo server with STARTTLS").click()
    expect(page.get_by_label("Server address")).to_have_value("127.0.0.1")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("From name").fill("Sůša & přátelé")
    page.get_by_label("Encoding", exact=True).select_option("iso-8859-2")


@pytest.mark.req("S1.1", "S1.5", "S1.9", "S1.19", "S1.20", "S1.21", "S1.22", "S1.24")
@pytest.mark.parametrize(
    ("scripts", "viewport", "theme"),
    [(True, None, "light"), (True, PHONE, "dark"), (False, None, "dark"), (False, PHONE, "light")],
)
def test_sue_adds_tests_saves_and_selects_a_configuration_and_sees_the_mail_arrive(
    browser, live, scripts, viewport, theme
):
    name = f"Relay {scripts} {theme}"
    with visiting(browser, live.url, person="sue", scripts=scripts, viewport=viewport, theme=theme) as page:
        expect(page.get_by_role("link", name="Provider default")).to_be_visible()

        fill_editor(page, name)
        page.get_by_role("button", name="Send Test Mail").click()
        expect(page.get_by_text("The server accepted the mail for sue@demo.test")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Select it in the list to use it.")).to_be_visible()

        page.get_by_role("radio", name=re.compile(re.escape(name))).check()
        if not scripts:
            page.get_by_role("button", name="Use selected").click()
        toast = page.get_by_role("status").filter(has_text="Success")
        expect(toast).to_contain_text(name)
        expect(page.get_by_role("radio", name=re.compile(re.escape(name)))).to_be_checked()

        page.goto("/demo/mailbox")
        page.get_by_role("link", name="Test mail from Sue & Partners").first.click()
        expect(page.get_by_text("Příliš žluťoučký kůň").first).to_be_visible()
        expect(page.get_by_text("iso-8859-2").first).to_be_visible()


def test_a_wrong_password_says_so_beside_the_button_and_keeps_what_was_typed(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        fill_editor(page, "Wrong password")
        page.get_by_label("Password", exact=True).fill("not the right one")
        page.get_by_role("button", name="Send Test Mail").click()

        expect(page.get_by_text("Stopped at sign-in")).to_be_visible(timeout=30_000)
        expect(page.get_by_label("Name", exact=True)).to_have_value("Wrong password")
        expect(page.get_by_label("Encoding", exact=True)).to_have_value("iso-8859-2")


def test_an_incomplete_form_stays_open_and_names_its_fields(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        page.get_by_role("link", name="Add config").click()
        page.get_by_role("button", name="Save", exact=True).click()

        expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()


def test_cal_sends_himself_a_test_mail_with_one_button(browser, live):
    with visiting(browser, live.url, person="cal") as page:
        page.get_by_role("button", name=re.compile("test mail", re.IGNORECASE)).click()

        expect(page.get_by_text("cal@demo.test in")).to_be_visible(timeout=30_000)
        assert "127.0.0.1" not in page.content()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_where_nothing_is(browser, live, theme):
    with visiting(browser, live.url, theme=theme) as page:
        page.goto("/nowhere")
        assert violations(page) == []


def test_the_pop_up_gives_the_focus_back_and_is_left_by_escape(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        page.get_by_role("link", name="Add config").click()
        expect(page.get_by_role("heading", name="Add SMTP Settings")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")

        expect(page.get_by_role("heading", name="Add SMTP Settings")).to_be_hidden()
        expect(page.get_by_role("link", name="Add config")).to_be_focused()


def test_the_start_prints_the_sign_ins(live):
    assert "sue@demo.test" in live.output
    assert password_in(live.output) == "the demo's password"
