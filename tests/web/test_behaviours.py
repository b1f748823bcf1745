import re
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.web.face_app import create_face, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = Path(__file__).parent
AXE = (HERE.parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def address():
    with serving(create_face()) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(require):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, address):
    """Open an address in a fresh browser; at the end nothing may have broken the content security policy."""
    contexts, complaints = [], []

    def open_(path="/", **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def popup(open_page):
    page = open_page()
    page.get_by_role("link", name="Add config").click()
    expect(page.locator("#popup[open]")).to_be_visible()
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/editor", "/?dir=rtl", "/missing"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_overflows(open_page, path, theme, width):
    page = open_page(path, color_scheme=theme, viewport={"width": width, "height": 800}, reduced_motion="reduce")

    page.evaluate(AXE + ";0")
    violations = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]

    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_click_on_a_radio_selects_at_once_and_the_focus_stays_there(open_page):
    page = open_page()

    page.get_by_role("radio", name="Use Newsletter").click()

    expect(page.get_by_role("status").filter(has_text="Now using Newsletter")).to_be_visible()
    assert page.evaluate("document.activeElement.value") == "Newsletter"


def test_arrow_keys_pass_over_a_choice_without_taking_it(open_page):
    page = open_page()
    posts = []
    page.on("request", lambda request: posts.append(request.post_data) if request.method == "POST" else None)
    page.get_by_role("radio", name="Use Provider default").focus()

    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)  # long enough for a submission to be on its way
    page.keyboard.press("ArrowDown")

    expect(page.locator(".toast__text")).to_have_text("Now using Newsletter")
    assert posts == ["config=Newsletter"]


def test_a_toast_waits_while_it_is_pointed_at_and_can_be_dismissed(open_page):
    page = open_page()
    page.clock.install()
    page.get_by_role("radio", name="Use Newsletter").click()
    toast = page.locator(".toast")
    toast.hover()
    page.clock.run_for(60_000)
    expect(toast).to_be_visible()

    page.get_by_role("button", name="Dismiss").click()

    expect(toast).to_have_count(0)


def test_a_toast_stays_at_least_six_seconds_and_then_leaves(open_page):
    page = open_page()
    page.clock.install()
    page.get_by_role("radio", name="Use Newsletter").click()
    expect(page.locator(".toast")).to_be_visible()

    page.clock.run_for(6_000)
    expect(page.locator(".toast")).to_be_visible()
    page.clock.run_for(3_000)

    expect(page.locator(".toast")).to_have_count(0)


def test_undo_is_a_post_of_its_own(open_page):
    page = open_page()
    page.get_by_role("radio", name="Use Newsletter").click()

    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".toast__text")).to_have_text("Now using Before")


def test_the_popup_takes_the_focus_and_gives_it_back(popup):
    expect(popup.locator("#name")).to_be_focused()
    expect(popup.get_by_role("dialog", name="Add config")).to_be_visible()

    popup.keyboard.press("Escape")

    expect(popup.locator("#popup[open]")).to_have_count(0)
    expect(popup.get_by_role("link", name="Add config")).to_be_focused()


def test_errors_come_back_into_the_popup_with_what_was_typed(popup):
    popup.locator("#name").fill("Office")

    popup.get_by_role("button", name="Save").click()

    expect(popup.locator("#popup .field__error")).to_have_text("This field is required.")
    expect(popup.locator("#name")).to_have_value("Office")


def test_a_test_runs_inside_the_popup(popup):
    popup.get_by_role("button", name="Send Test Mail").click()

    expect(popup.locator("#popup").get_by_role("list", name="Course of the test")).to_be_visible()


def test_success_leaves_the_popup_and_says_so(popup):
    popup.locator("#name").fill("Office")
    popup.locator("#from_address").fill("office@sue.test")

    popup.get_by_role("button", name="Save").click()

    expect(popup.locator(".toast__text")).to_have_text("Saved. Select it in the list to use it.")


def test_typed_values_are_not_lost_without_asking(popup):
    popup.locator("#name").fill("Office")
    questions = []
    popup.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))

    popup.get_by_role("link", name="Cancel").click()

    assert questions == ["Leave without saving?"]
    expect(popup.locator("#popup[open]")).to_be_visible()


def test_an_error_page_replaces_the_page_and_no_answer_is_said_so(open_page):
    page = open_page()
    page.context.set_offline(True)
    page.get_by_role("link", name="Missing").click()
    expect(page.get_by_role("alert")).to_contain_text("No answer from the server.")
    page.context.set_offline(False)

    page.get_by_role("link", name="Missing").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("This page does not exist.")


@pytest.fixture
def hanging(popup):
    """The pop-up of a server that takes what is posted and does not answer; what was posted so far."""
    posts = []

    def keep(route):
        return posts.append(route) if route.request.method == "POST" else route.continue_()

    popup.clock.install()
    popup.route("**/*", keep)
    popup.locator("#name").fill("Office")
    popup.locator("#from_address").fill("office@sue.test")
    popup.get_by_role("button", name="Save").click()
    return posts


def test_a_form_is_sent_once_however_often_its_button_is_pressed(popup, hanging):
    popup.get_by_role("button", name="Save").dispatch_event("click")
    popup.locator("#name").press("Enter")
    popup.clock.run_for(600)

    expect(popup.get_by_role("button", name="Save")).to_have_attribute("aria-busy", "true")
    assert len(hanging) == 1


def test_what_takes_long_is_said_to_and_then_comes(popup, hanging):
    popup.clock.run_for(9_000)
    expect(popup.get_by_text("The server takes longer than usual.")).to_be_hidden()

    popup.clock.run_for(1_500)
    expect(popup.locator("#popup").get_by_text("The server takes longer than usual.")).to_be_in_viewport()
    expect(popup.locator("#name")).to_have_value("Office")

    hanging[0].continue_()
    expect(popup.locator(".toast__text")).to_have_text("Saved. Select it in the list to use it.")


def test_a_page_is_sent_once_too_and_again_by_whoever_was_told_that_it_takes_long(open_page):
    page, posts = open_page("/editor"), []
    page.route("**/*", lambda route: posts.append(route) if route.request.method == "POST" else route.continue_())
    page.locator("#name").fill("Office")
    page.locator("#from_address").fill("office@sue.test")
    page.get_by_role("button", name="Save").evaluate("""(button) => {
      for (const wait of [0, 100, 200]) setTimeout(() => button.click(), wait);
      setTimeout(() => document.querySelector("[data-behaviour=slow]").checkVisibility() && button.click(), 10_200);
    }""")

    page.wait_for_timeout(500)
    assert len(posts) == 1
    page.wait_for_timeout(10_000)
    assert len(posts) == 2


def test_without_an_answer_what_was_typed_stays_and_is_asked_about_before_it_is_left(popup):
    popup.locator("#name").fill("Office")
    popup.locator("#from_address").fill("office@sue.test")
    popup.context.set_offline(True)
    popup.get_by_role("button", name="Save").click()
    expect(popup.locator("#popup").get_by_role("alert")).to_contain_text("No answer from the server.")
    expect(popup.locator("#popup").get_by_role("alert")).to_be_in_viewport()  # the button stands far below
    popup.context.set_offline(False)
    questions = []
    popup.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))

    popup.keyboard.press("Escape")

    assert questions == ["Leave without saving?"]
    popup.get_by_role("button", name="Save").click()
    expect(popup.locator(".toast__text")).to_have_text("Saved. Select it in the list to use it.")


def test_a_chip_sets_the_port_and_the_method_follows(popup):
    popup.get_by_role("button", name="465 · SSL/TLS").click()

    expect(popup.locator("#port")).to_have_value("465")
    expect(popup.locator("#encryption")).to_have_value("tls")
    expect(popup.locator("[data-pair]")).to_have_text("Encrypted on 465.")
    expect(popup.locator("[data-note]")).to_have_text("Encrypted from the first byte.")
    expect(popup.get_by_role("button", name="465 · SSL/TLS")).to_have_attribute("aria-pressed", "true")


def test_use_ssl_proposes_the_method_and_the_method_moves_the_switch(popup):
    popup.get_by_label("Use SSL").uncheck()
    expect(popup.locator("#encryption")).to_have_value("none")

    popup.locator("#encryption").select_option("tls")

    expect(popup.get_by_label("Use SSL")).to_be_checked()
    expect(popup.locator("[data-pair-warning]")).to_contain_text("587 wants STARTTLS.")


def test_a_pair_that_disagrees_is_mended_by_one_click_without_asking_the_server(popup):
    popup.locator("#encryption").select_option("tls")
    posts = []
    popup.on("request", lambda request: posts.append(request.method) if request.method == "POST" else None)

    popup.get_by_role("button", name="Use STARTTLS").click()

    expect(popup.locator("#encryption")).to_have_value("starttls")
    expect(popup.locator("[data-pair-warning]")).to_be_hidden()
    expect(popup.locator("#port")).to_be_focused()
    assert posts == []


def test_what_is_typed_over_is_not_from_the_preset_any_more(popup):
    expect(popup.locator(".field__note")).to_have_text("from the preset")

    popup.locator("#port").fill("2525")

    expect(popup.locator(".field__note")).to_have_count(0)


def test_escape_asks_every_time_before_typed_values_are_lost(popup):
    popup.locator("#name").fill("Office")
    questions = []
    popup.on("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))

    for _ in range(3):
        popup.keyboard.press("Escape")

    assert questions == ["Leave without saving?"] * 3
    expect(popup.locator("#name")).to_have_value("Office")


def test_the_user_name_follows_the_sender_while_ticked(popup):
    popup.locator("#from_address").fill("office@sue.test")
    expect(popup.locator("#username")).to_have_value("office@sue.test")

    popup.get_by_label("Same as sender").uncheck()
    popup.locator("#from_address").fill("other@sue.test")

    expect(popup.locator("#username")).to_have_value("office@sue.test")
    expect(popup.locator("#username")).to_be_editable()


def test_sign_in_fields_show_only_where_the_server_asks(popup):
    popup.get_by_label("Server asks for sign-in").uncheck()

    expect(popup.locator("#username")).to_be_hidden()


def test_only_a_typed_password_can_be_shown(popup):
    expect(popup.get_by_role("button", name="Show")).to_be_hidden()
    popup.locator("#password").fill("typed")

    popup.get_by_role("button", name="Show").click()

    expect(popup.locator("#password")).to_have_attribute("type", "text")


def test_the_sample_line_speaks_the_chosen_encoding(popup):
    popup.locator("#charset").select_option("iso-8859-2")

    expect(popup.locator("#sample")).to_have_text("žluťoučký")


def test_the_filter_hides_rows_and_says_how_many_stay(open_page):
    page = open_page()

    page.get_by_role("searchbox", name="Filter").fill("news")

    expect(page.locator("#configs tbody tr:visible")).to_have_count(1)
    expect(page.locator("#found")).to_have_text("1 shown.")


def test_a_click_beside_the_words_marks_the_row(open_page):
    page = open_page(viewport={"width": 1280, "height": 800})

    page.locator("#configs tbody tr").nth(2).locator("td").nth(2).click(position={"x": 4, "y": 4})

    expect(page).to_have_url(re.compile(r"select=2$"))


def test_a_row_menu_closes_on_escape(open_page):
    page = open_page()
    page.get_by_label("Actions for Newsletter").click()
    expect(page.get_by_role("link", name="Mark this row")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Mark this row")).to_be_hidden()


def test_a_menu_that_is_written_once_comes_to_the_row_that_asks_for_it(open_page):
    page = open_page()

    page.get_by_label("Actions for Reports").click()
    link = page.get_by_role("link", name="Look at it")

    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", "/?look=11111111-1111-1111-1111-111111111111")
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_text_is_never_run_as_code_even_where_the_policy_would_let_it(open_page):
    page = open_page(bypass_csp=True)
    page.evaluate("""() => {
        const button = document.createElement("button");
        button.textContent = "Run";
        button.setAttribute("hx-on:click", "window.ran = true");
        document.querySelector("main").append(button);
        htmx.process(button);
    }""")

    page.get_by_role("button", name="Run").click()

    assert page.evaluate("window.ran") is None


def test_without_scripts_every_control_has_a_plain_form(open_page):
    page = open_page(java_script_enabled=False)
    page.get_by_role("radio", name="Use Newsletter").check()
    page.get_by_role("button", name="Use selected").click()
    expect(page.locator(".toast__text")).to_have_text("Now using Newsletter")

    page.get_by_role("link", name="Add config").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add config")
    expect(page.locator(".chips")).to_be_hidden()
    expect(page.get_by_text("Usual ports: 465 · SSL/TLS, 587 · STARTTLS")).to_be_visible()
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".field__error")).to_have_count(2)
