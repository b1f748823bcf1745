"""Knows colours: how far two of them stand apart, and which shades of one can be read in both themes."""

import colorsys
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

# WCAG 2.2: 1.4.3 for text, 1.4.11 for what is no text, such as edges and the ground of a button.
TEXT, EDGE = 4.5, 3.0
WHITE, BLACK = "#ffffff", "#000000"
_WRITTEN = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})\Z")
_STEP = 0.01

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Theme:
    """What stands in a theme already: the grounds that text stands on, and the inks that stand on soft accents."""

    surface: str
    grounds: tuple[str, ...]
    inks: tuple[str, ...]


# As `static/css/tokens.css` has them; a guard compares.
LIGHT = Theme("#ffffff", ("#f6f7fa", "#ffffff", "#f4f6fa"), ("#1a2233", "#566074", "#6b21a8"))
DARK = Theme("#191d26", ("#11141b", "#191d26", "#141821"), ("#e8ebf2", "#a6b0c2", "#d8b4fe"))
# How much of the colour is in the soft ground, where that can be read.
_SHARES: Mapping[Theme, float] = MappingProxyType({LIGHT: 0.09, DARK: 0.2})


@dataclass(frozen=True, slots=True)
class Shades:
    """One accent in one theme: as text and edge, as a fill with what is written on it, and as a soft ground."""

    accent: str
    fill: str
    fill_strong: str
    on_accent: str
    soft: str


def canonical_colour(text: str) -> str:
    """Return `#rrggbb` in small letters. Raises ValueError for anything but three or six hexadecimal digits."""
    found = _WRITTEN.match(text.strip().lower())
    if found is None:
        raise ValueError("not a colour")
    digits = found[1]
    return f"#{digits if len(digits) == 6 else ''.join(2 * digit for digit in digits)}"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (lighter + 0.05) / (darker + 0.05)


def contrast_on_white(colour: str) -> float:
    return contrast(colour, WHITE)


def shades_of(colour: str, theme: Theme) -> Shades:
    """The shades of a chosen colour that can be read in a theme: text at 4.5:1, fills at 3:1 from their surface."""
    away = _darker if theme is LIGHT else _lighter
    soft = _soft(colour, theme)
    grounds = (*theme.grounds, soft)
    accent = _first(away(colour), lambda each: all(contrast(each, ground) >= TEXT for ground in grounds))
    fill = _first(away(colour), lambda each: contrast(each, theme.surface) >= EDGE)
    on_accent = WHITE if contrast(fill, WHITE) >= TEXT else BLACK
    return Shades(accent, fill, _strong(fill, on_accent), on_accent, soft)


def _strong(fill: str, on_accent: str) -> str:
    """What a button turns to under the pointer: further away from what is written on it."""
    further = _darker(fill) if on_accent == WHITE else _lighter(fill)
    shades = [shade for _, shade in zip(range(9), further, strict=False)]
    return shades[-1]


def _soft(colour: str, theme: Theme) -> str:
    """As much of the colour as leaves everything readable that may stand on it."""
    share = _SHARES[theme]
    while True:
        soft = _mixed(colour, theme.surface, share)
        if share <= 0 or all(contrast(ink, soft) >= TEXT for ink in theme.inks):
            return soft
        share = round(share - _STEP, 2)


def _first(shades: Iterator[str], is_readable: Callable[[str], bool]) -> str:
    """The nearest shade that will do; the last one is black or white, which always does."""
    shade = ""
    for shade in shades:
        if is_readable(shade):
            return shade
    return shade


def _darker(colour: str) -> Iterator[str]:
    yield from _towards(colour, 0.0)


def _lighter(colour: str) -> Iterator[str]:
    yield from _towards(colour, 1.0)


def _towards(colour: str, end: float) -> Iterator[str]:
    """The colour itself, and then its shades by steps of lightness, hue and saturation kept."""
    yield colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    steps = int(abs(end - lightness) / _STEP)
    sign = 1 if end > lightness else -1
    for step in range(1, steps + 1):
        yield _written(colorsys.hls_to_rgb(hue, lightness + sign * step * _STEP, saturation))
    yield WHITE if end else BLACK


def _mixed(colour: str, ground: str, share: float) -> str:
    red, green, blue = (
        share * one + (1 - share) * other for one, other in zip(_rgb(colour), _rgb(ground), strict=True)
    )
    return _written((red, green, blue))


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _written(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, channel)) * 255):02x}" for channel in rgb)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
