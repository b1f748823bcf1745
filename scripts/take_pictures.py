"""Takes the pictures of the documentation from a running demo, so that they never age: make pictures.

Each screen of tests/slow/screens.py by day, by night and on a phone; then docs/screens.md, which shows them all, the
icons, and their table in docs/using.md. Names of screens on the command line take only theirs anew.
"""

import base64
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402 - after the path is set
from playwright.sync_api import CDPSession, Page  # noqa: E402

from portal.web.sentences.icons import icon_meanings  # noqa: E402
from tests.slow.chromium import browsing  # noqa: E402
from tests.slow.gallery import ENDINGS, GALLERY, GUIDE, ICONS, PICTURES, gallery, icons, with_icons  # noqa: E402
from tests.slow.live import running  # noqa: E402
from tests.slow.screens import SCREENS, Screen  # noqa: E402
from tests.slow.stage import SMALL, VIEWPORT, Stage  # noqa: E402

# Flat colours and sharp letters: good to read from here on, at a third of the size of PNG.
QUALITY = 55


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed")
    began, wanted = time.monotonic(), set(sys.argv[1:])
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "instance") as live,
        browsing(chromium) as browser,
        Stage(browser, live) as stage,
    ):
        for screen in SCREENS:
            page = screen.come(stage)
            if not wanted or screen.name in wanted:
                stage.hold_still(page)
                _take(stage, page, screen)
    _forget_what_is_no_screen()
    GALLERY.write_text(gallery(SCREENS))
    _draw_icons()
    size = sum(each.stat().st_size for each in PICTURES.rglob("*.*"))
    print(f"{len(SCREENS)} screens, {size / 1e6:.1f} MB, {time.monotonic() - began:.0f} s")


def _forget_what_is_no_screen() -> None:
    known = {f"{screen.name}{ending}.webp" for screen in SCREENS for ending in ENDINGS}
    for picture in PICTURES.glob("*.webp"):
        if picture.name not in known:
            picture.unlink()


def _draw_icons() -> None:
    shutil.rmtree(ICONS, ignore_errors=True)
    ICONS.mkdir()
    with Flask(__name__).test_request_context():
        meanings = dict(icon_meanings())
    for name, picture in icons(meanings):
        (ICONS / f"{name}.svg").write_text(picture)
    GUIDE.write_text(with_icons(GUIDE.read_text(), meanings))


def _take(stage: Stage, page: Page, screen: Screen) -> None:
    camera = page.context.new_cdp_session(page)
    for ending, theme, viewport in zip(ENDINGS, ("light", "dark", "light"), (VIEWPORT, VIEWPORT, SMALL), strict=True):
        stage.look(page, theme, viewport, screen.look_at)
        (PICTURES / f"{screen.name}{ending}.webp").write_bytes(_shot(camera))
    stage.look(page, "light", VIEWPORT)
    camera.detach()


def _shot(camera: CDPSession) -> bytes:
    """Playwright's own shots know no WebP, and hide the caret by an inline style, which the page refuses."""
    taken = camera.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    main()
