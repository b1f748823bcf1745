"""Where two fields stand side by side their inputs do, too, however many lines a label takes."""

import pytest

from tests.slow.chromium import browsing, visiting
from tests.slow.live import running

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(240)]

# Fields of a line begin at the same height; how far the beginnings of their inputs are apart, in pixels, and whether a label is
# so long that it shows.
_LINES = """() => [...document.querySelectorAll(".fields--two, .fields--server, .fields--level")].flatMap((row) => {
  const top = (part) => part.getBoundingClientRect().top;
  const parts = [...row.querySelectorAll(".field")].filter((each) => each.checkVisibility())
    .map((each) => ({ name: each.querySelector("[name]").name, from: top(each), input: top(each.querySelector("[name]")),
      head: each.querySelector(".field__head").getBoundingClientRect().height }));
  return parts.flatMap((one, number) => parts.slice(number + 1).filter((other) => Math.abs(other.from - one.from) < 1)
    .map((other) => ({ names: `${one.name}, ${other.name}`, apart: Math.abs(other.input - one.input), wraps: one.head !== other.head })));
})"""
_OPEN = "() => document.querySelectorAll('main details').forEach((each) => { each.open = true; })"
_SCREENS = (
    "mail-configs/new",
    "invitations/new",
    "children/new",
    "explanation",
    "mail-templates/edit?purpose=invitation",
)
# A tablet, and a window of 1440 at 200 %; in the language with the longest words.
_LOOKS = [(720, "light"), (768, "dark")]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(tmp_path_factory.mktemp("lines") / "instance") as portal:
        yield portal


@pytest.fixture(scope="module")
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


@pytest.mark.parametrize(("width", "theme"), _LOOKS)
def test_inputs_side_by_side_begin_on_one_line(browser, live, width, theme):
    with visiting(browser, live.url, person="pia", viewport={"width": width, "height": 900}, theme=theme) as page:
        home = page.url.partition("/mail-configs")[0]
        speak_german(page)
        lines = [line for screen in _SCREENS for line in lines_at(page, f"{home}/{screen}")]

    assert [line for line in lines if line["apart"] > 1] == []
    assert len(lines) >= len(_SCREENS)
    assert any(line["wraps"] for line in lines)


def lines_at(page, url):
    answer = page.goto(url)
    assert answer.ok, url
    page.evaluate(_OPEN)
    return [line | {"url": url} for line in page.evaluate(_LINES)]


def speak_german(page):
    page.goto("/me/preferences")
    page.locator("select[name=language]").select_option("de")
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/me/mail")
