"""Knows how a page looked when its snapshot was kept, what made that picture, and how much it looks different now."""

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.slow.stage import Stage

KEPT = Path(__file__).resolve().parents[1] / "snapshots"
_MAKER = KEPT / "made_by.json"
# Half the size evens out how single pixels of a letter are set, and keeps the files small.
_SCALE, _QUALITY = 0.5, 80
# A pixel differs if one of its colours is further away than this (of 255); of such pixels so many may be (of 1).
_NEAR, _SHARE, _SHARE_OF_ANOTHER_CHROMIUM = 40, 0.004, 0.03
_WIDTHS = """() => ["system-ui", "monospace", getComputedStyle(document.body).fontFamily].map((family) => {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.font = `16px ${family}`;
  return Math.round(canvas.measureText("Příliš žluťoučký kůň, 0123456789 mail").width * 100) / 100;
})"""
_DIFFERENT = """async ([one, other, near]) => {
  const pixels = async (data) => {
    const picture = new Image();
    picture.src = `data:image/webp;base64,${data}`;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return canvas.getImageData(0, 0, picture.width, picture.height);
  };
  const [a, b] = [await pixels(one), await pixels(other)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  let different = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    if ([0, 1, 2].some((colour) => Math.abs(a.data[at + colour] - b.data[at + colour]) > near)) different += 1;
  }
  return different / (a.width * a.height);
}"""


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes a picture: `fonts` are the widths of a sample in the fonts that the pages really get."""

    chromium: str
    fonts: list[float]

    @classmethod
    def here(cls, browser: Browser, page: Page) -> "Maker":
        return cls(browser.version, page.evaluate(_WIDTHS))

    @classmethod
    def kept(cls) -> "Maker":
        return cls(**json.loads(_MAKER.read_text()))

    def keep(self) -> None:
        _MAKER.write_text(json.dumps(asdict(self), indent=2) + "\n")


def shot(stage: Stage, page: Page, theme: str, viewport: dict[str, int], look_at: str) -> bytes:
    """What is in sight, at half the size, as WebP."""
    stage.look(page, theme, viewport, look_at)
    camera = page.context.new_cdp_session(page)
    clip = {"x": 0, "y": 0, "scale": _SCALE, **page.evaluate("() => ({x: scrollX, y: scrollY})"), **viewport}
    taken = camera.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY, "clip": clip})
    camera.detach()
    return base64.b64decode(taken["data"])


def difference(judge: Page, one: bytes, other: bytes) -> float:
    """The share of pixels that differ, from 0 to 1; pictures of another size differ altogether."""
    return judge.evaluate(_DIFFERENT, [base64.b64encode(one).decode(), base64.b64encode(other).decode(), _NEAR])


def tolerated(here: Maker, kept: Maker) -> float | None:
    """The share of pixels that may differ, or None where letters have other shapes, so that nothing can be compared."""
    if here.fonts != kept.fonts:
        return None
    return _SHARE if here.chromium == kept.chromium else _SHARE_OF_ANOTHER_CHROMIUM
