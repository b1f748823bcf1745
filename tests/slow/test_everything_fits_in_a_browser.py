"""Whatever can be reached by links fits on a phone, on a tablet, at 200 % and on a desk: nothing is cut, covered, or too small to be hit."""

import pytest

from tests.slow.chromium import browsing, overflows, visiting
from tests.slow.fitting import misfits, screens
from tests.slow.live import running

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]

# A phone, a window of 1440 at 200 % (WCAG 2.2, 1.4.4 and 1.4.10), a tablet, and a desk.
WIDTHS = (360, 720, 768, 1280)
# How many screens somebody comes to at least: a walk that ends at once shows nothing.
FEWEST = {"pia": 40, "sue": 40, "cal": 8}
# Nobody can say where such a name should break.
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenpensionsauszahlungsstellenvorsteherstellvertreter"
CROWDED = """<main><p style="inline-size: 90px; overflow: hidden; white-space: nowrap">Words that are cut somewhere</p>
  <button style="block-size: 20px; inline-size: 20px">x</button><p style="inline-size: 2000px">Wide</p>
  <a href="#a" style="display: block; block-size: 40px">One</a><a href="#b" style="display: block; margin-block-start: -20px">On it</a></main>"""


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(tmp_path_factory.mktemp("fitting") / "instance") as portal:
        yield portal


@pytest.fixture(scope="module")
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def test_what_does_not_fit_is_noticed(browser):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_content(CROWDED)
    found = " ".join(misfits(page))
    page.close()

    for fault in ("cut: p", "outside: p", "20×20: button", "on one another: a. “One” and a. “On it”"):
        assert fault in found


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_every_component_fits_with_words_of_any_length(browser, live, direction):
    with visiting(browser, live.url) as page:
        page.goto(f"/styleguide?words=long&dir={direction}")

        assert list(faults_at(page, WIDTHS)) == []


@pytest.mark.parametrize(
    ("person", "language", "theme"), [("pia", "en", "light"), ("sue", "ar", "dark"), ("cal", "ar", "light")]
)
def test_every_screen_fits(browser, live, person, language, theme):
    with visiting(browser, live.url, person=person, theme=theme) as page:
        if person == "sue":
            give_long_names(page)
        speak(page, language)
        page.goto("/")
        seen, faults, widths = set(), [], WIDTHS
        for address in screens(page, page.url.removeprefix(live.url), deep=4):
            seen.add(address)
            widths = widths[::-1]  # the next screen comes as wide as this one was last
            faults += [f"{address}: {fault}" for fault in faults_at(page, widths)]

        assert faults == []
        assert len(seen) >= FEWEST[person]


def faults_at(page, widths):
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"{width}: {fault}" for fault in misfits(page))
        if overflows(page):
            yield f"{width}: has to be scrolled sideways"


def give_long_names(page):
    home = page.url.partition("/mail-configs")[0]
    page.goto(f"{home}/profiles/new")
    page.locator("main [name=name]").fill(LONG)
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/profiles/*-*")
    page.goto(f"{home}/mail-configs")
    page.get_by_role("link", name="Newsletter", exact=True).click()
    page.locator("#popup[open] [name=name]").fill(LONG)
    page.locator("#popup[open] [name=from_name]").fill(LONG)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/mail-configs?*")


def speak(page, language):
    page.goto("/me/preferences")
    page.locator("select[name=language]").select_option(language)
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/me/mail")
