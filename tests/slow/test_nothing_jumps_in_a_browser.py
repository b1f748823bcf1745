"""What arrives later moves nothing that is already read: test results and a live filter, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from tests.slow.chromium import PHONE, browsing, visiting
from tests.slow.live import running

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]

# Cumulative layout shift, as browsers count it: what follows within half a second of a key or click is expected.
MOST = 0.02
WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries())).observe({type: "layout-shift", buffered: true});
"""
SHIFTED = "() => window.shifts.filter((each) => !each.hadRecentInput).reduce((sum, each) => sum + each.value, 0)"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(tmp_path_factory.mktemp("jumps") / "instance") as portal:
        yield portal


@pytest.fixture(scope="module")
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def test_a_jump_is_noticed(browser, live):
    with visiting(browser, live.url, person="sue") as page:
        page.add_init_script(WATCH)
        page.reload()
        page.wait_for_timeout(800)
        page.evaluate(
            "() => document.querySelector('main').prepend(...Array.from({length: 12}, () => document.createElement('hr')))"
        )
        page.wait_for_timeout(300)

        assert page.evaluate(SHIFTED) > MOST


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_nothing_jumps_when_the_steps_of_a_test_arrive(browser, live, viewport):
    with visiting(browser, live.url, person="sue", viewport=viewport) as page:
        page.add_init_script(WATCH)
        page.reload()
        page.get_by_role("link", name="Newsletter", exact=True).click()
        page.get_by_role("button", name="Send Test Mail").click()
        page.locator("#result").wait_for()
        page.evaluate(
            "() => { window.shifts = []; }"
        )  # the form came back, as the click asked for; now the steps follow
        expect(page.get_by_text("Stopped at sign-in")).to_be_visible(timeout=30_000)
        page.wait_for_timeout(600)

        assert page.evaluate(SHIFTED) <= MOST


def test_nothing_jumps_on_the_page_of_a_test(browser, live):
    with visiting(browser, live.url, person="pia") as page:
        page.add_init_script(WATCH)
        page.get_by_role("button", name="Send test", exact=True).click()
        expect(page.get_by_text("The server accepted the mail for pia@demo.test")).to_be_visible(timeout=30_000)
        page.wait_for_timeout(600)

        assert page.evaluate(SHIFTED) <= MOST


def test_nothing_jumps_when_a_test_of_ones_own_arrives(browser, live):
    with visiting(browser, live.url, person="cal") as page:
        page.add_init_script(WATCH)
        page.goto("/me/mail")
        page.get_by_role("button", name="Send me a test mail").click()
        expect(page.get_by_text("cal@demo.test in")).to_be_visible(timeout=30_000)
        page.wait_for_timeout(600)

        assert page.evaluate(SHIFTED) <= MOST


def test_nothing_jumps_while_a_list_is_filtered(browser, live):
    with visiting(browser, live.url, person="pia") as page:
        page.add_init_script(WATCH)
        page.reload()
        page.get_by_role("searchbox").type("archive", delay=60)
        expect(page.get_by_role("link", name="Cloud relay", exact=True)).to_be_hidden()
        page.wait_for_timeout(600)

        assert page.evaluate(SHIFTED) <= MOST
