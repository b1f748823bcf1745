"""Every screen there is, visited once in a real Chromium: axe finds nothing by day or night, nothing is too wide, key screens look as kept."""

import os
from dataclasses import dataclass, field

import pytest

from tests.slow.chromium import browsing, overflows, violations
from tests.slow.live import running
from tests.slow.screens import SCREENS
from tests.slow.snapshots import KEPT, Maker, difference, shot, tolerated
from tests.slow.stage import SMALL, VIEWPORT, Stage

# The one walk of all screens, with the first test.
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1200)]

KEY_SCREENS = ("sign-in", "list", "editor", "test-failed", "test-result", "companies", "mail-log", "my-mail")
FROM_THE_RIGHT = "my-mail-arabic"
KINDS = {
    "light": ("light", VIEWPORT),
    "dark": ("dark", VIEWPORT),
    "light-phone": ("light", SMALL),
    "dark-phone": ("dark", SMALL),
}
LOOKS = {f"{name}-{look}": kind for name in KEY_SCREENS for look, kind in KINDS.items()} | {
    FROM_THE_RIGHT: ("light", VIEWPORT)
}
RENEWS = os.environ.get("SNAPSHOTS") == "renew"


@dataclass
class Walk:
    """What was found on the way, by the name of the screen."""

    maker: Maker | None = None
    faults: dict[str, list[str]] = field(default_factory=dict)
    looks: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def walk(browser, tmp_path_factory):
    found = Walk()
    with running(tmp_path_factory.mktemp("screens") / "instance") as live, Stage(browser, live) as stage:
        for screen in SCREENS:
            page = screen.come(stage)
            found.maker = found.maker or Maker.here(browser, page)
            found.faults[screen.name] = faults_of(stage, page, screen)
            if screen.name in KEY_SCREENS:
                wanted = [f"{screen.name}-{look}" for look in KINDS]
                take(stage, page, found, wanted, screen.look_at)
            stage.look(page, "light", VIEWPORT)
        take(stage, read_from_the_right(stage), found, [FROM_THE_RIGHT])
    return found


def faults_of(stage, page, screen):
    """Once by day on a desk, and once by night on a phone, where nothing may have to be scrolled sideways."""
    stage.look(page, "light", VIEWPORT, screen.look_at)
    by_day = violations(page) + (["too wide"] if overflows(page) else [])
    stage.look(page, "dark", SMALL, screen.look_at)
    return [
        *(f"by day: {fault}" for fault in by_day),
        *(f"by night, on a phone: {fault}" for fault in violations(page)),
        *(["too wide for a phone"] if overflows(page) else []),
    ]


def take(stage, page, found, wanted, look_at=""):
    stage.hold_still(page)
    for look in wanted:
        theme, viewport = LOOKS[look]
        found.looks[look] = shot(stage, page, theme, viewport, look_at)


def read_from_the_right(stage):
    """Last of all: from here on Cal's pages are Arabic."""
    page = stage.go("cal", "/me/preferences")
    page.locator("select[name=language]").select_option("ar")
    page.locator("main button[type=submit]").last.click()
    page.wait_for_url("**/me/mail")
    page.locator(".toast [data-dismiss]").first.click()
    return page


@pytest.mark.parametrize("name", [each.name for each in SCREENS])
def test_axe_finds_nothing_and_nothing_is_too_wide(walk, name):
    assert walk.faults[name] == []


def test_the_snapshots_are_compared_by_what_made_them(walk):
    """Otherwise it says so: with another Chromium they are compared with more patience, with other fonts not at all."""
    if RENEWS:
        walk.maker.keep()
    if walk.maker != Maker.kept():
        pytest.skip(f"NOT EXACT HERE: made by {Maker.kept()}, seen by {walk.maker}; make snapshots keeps them anew")


@pytest.mark.parametrize("look", LOOKS)
def test_a_key_screen_looks_as_it_was_kept(walk, browser, look):
    path = KEPT / f"{look}.webp"
    if RENEWS:
        path.write_bytes(walk.looks[look])
    share = tolerated(walk.maker, Maker.kept())
    if share is None:
        pytest.skip("NOT COMPARED HERE: the fonts are others")
    judge = browser.new_page()
    different = difference(judge, path.read_bytes(), walk.looks[look])
    judge.close()
    if different > share:
        path.with_suffix(".now.webp").write_bytes(walk.looks[look])

    assert different <= share, (
        f"{different:.2%} look different from {path.name}: see {look}.now.webp, or keep it: make snapshots"
    )


def test_nothing_is_kept_that_is_no_key_screen():
    assert {path.stem for path in KEPT.glob("*.webp") if path.suffixes == [".webp"]} == LOOKS.keys()
