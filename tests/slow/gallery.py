"""Knows what of the documentation is made by machine: the page that shows every screen, and each icon as a picture."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.slow.screens import Screen

ROOT = Path(__file__).resolve().parents[2]
PICTURES, GALLERY = ROOT / "docs" / "pictures", ROOT / "docs" / "screens.md"
GUIDE, ICONS = ROOT / "docs" / "using.md", PICTURES / "icons"
ENDINGS = ("", "-dark", "-phone")
_INTRODUCTION = """# Every screen

By day, by night and on a phone. The pictures are taken from the demo by `make pictures`, which writes this page, too. What can be done on each screen stands in [Using Relaytree](using.md).
"""
_TABLE = re.compile(r"\| icon \| meaning \|\n\|---\|---\|\n(?:\| <img alt=.*\n)*")
_SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="([^"]+)"([^>]*)>(.*?)</symbol>', re.DOTALL)
# Readable on white and on black: nobody knows on which of them a picture in a document stands.
_INK = "#6b7fa3"


def gallery(screens: Iterable[Screen]) -> str:
    return _INTRODUCTION + "".join(_section(each) for each in screens)


def icons(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each of these icons as an SVG of its own, by its name."""
    sprite = (ROOT / "static" / "icons" / "sprite.svg").read_text()
    wanted = set(names)
    for name, box, attributes, shapes in _SYMBOL.findall(sprite):
        if name in wanted:
            head = f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" viewBox="{box}"{attributes}>'
            yield name, f"{head}{shapes}</svg>\n".replace("currentColor", _INK)


def with_icons(guide: str, meanings: Mapping[str, str]) -> str:
    """The guide with its table of icons written anew; the text around it stays."""
    rows = [f'| <img alt="{name}" src="pictures/icons/{name}.svg"> | {said} |\n' for name, said in meanings.items()]
    table = "| icon | meaning |\n|---|---|\n" + "".join(rows)
    return _TABLE.sub(lambda _found: table, guide)


def _section(screen: Screen) -> str:
    day, night, phone = (f"pictures/{screen.name}{ending}.webp" for ending in ENDINGS)
    shown = f"![By day]({day}) | ![By night]({night}) | ![On a phone]({phone})"
    return f"\n## {screen.caption}\n\n| by day | by night | on a phone |\n|---|---|---|\n| {shown} |\n"
