"""A brand in a real Chromium: set by Rex, seen by Sue, readable in both themes and on a phone."""

import struct
import zlib

import pytest
from playwright.sync_api import expect

from tests.slow.chromium import DESKTOP, PHONE, browsing, overflows, violations, visiting
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


def a_logo():
    """A whole PNG, one colour, 64 by 64 pixels."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + b"\xaa\x00\x44" * 64) * 64
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("colour", ["#aa0044", "#1b8a3a", "#8c8c00"])
def test_a_brand_that_rex_sets_is_seen_by_sue_and_can_be_read_everywhere(browser, live, colour):
    with visiting(browser, live.url, person="rex") as page:
        page.get_by_role("link", name="Branding").first.click()
        page.get_by_label("Name of the portal").fill("RexMail")
        page.get_by_label("Colour").fill(colour)
        page.get_by_label("Support address").fill("help@rex.example")
        page.get_by_label("Legal notice").fill("https://rex.example/imprint")
        page.get_by_label("Logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": a_logo()})
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The brand is saved.")).to_be_visible()
        assert page.locator(".brand__logo").first.evaluate("each => each.naturalWidth") == 64

    for theme, viewport in (("light", DESKTOP), ("dark", DESKTOP), ("dark", PHONE)):
        with visiting(browser, live.url, person="sue", theme=theme, viewport=viewport) as page:
            own = page.url.partition("/mail-configs")[0]
            for path in ("mail-configs", "branding"):
                page.goto(f"{own}/{path}")
                assert "RexMail" in page.title()
                assert violations(page) == []
                assert not overflows(page)
            expect(page.get_by_role("link", name="Legal notice")).to_have_attribute(
                "href", "https://rex.example/imprint"
            )
            expect(page.locator(".locked").filter(has_text="RexMail")).to_contain_text("set by Rex Hosting")
