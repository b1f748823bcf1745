"""Whatever colour somebody chooses, what stands in it or on it can be read in both themes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.colours import (
    BLACK,
    DARK,
    EDGE,
    LIGHT,
    TEXT,
    WHITE,
    canonical_colour,
    contrast,
    contrast_on_white,
    shades_of,
)
from portal.web.brand_styles import _TOKENS

TOKENS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def token(name, theme):
    light, dark = re.search(rf"--color-{name}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)", TOKENS).groups()
    return light if theme is LIGHT else dark


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        (BLACK, WHITE, 21),
        (WHITE, WHITE, 1),
        ("#777777", WHITE, 4.48),
        ("#b91c1c", WHITE, 6.47),
        ("#f87171", "#1b1b1f", 6.21),
    ],
)
def test_the_contrast_is_that_of_wcag(one, other, ratio):
    assert round(contrast(one, other), 2) == round(contrast(other, one), 2) == ratio


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@given(colour=COLOURS)
def test_every_shade_can_be_read(theme, colour):
    shades = shades_of(colour, theme)

    assert all(contrast(shades.accent, ground) >= TEXT for ground in (*theme.grounds, shades.soft))
    assert contrast(shades.on_accent, shades.fill) >= TEXT
    assert contrast(shades.on_accent, shades.fill_strong) >= TEXT
    assert contrast(shades.fill, theme.surface) >= EDGE
    assert all(contrast(ink, shades.soft) >= TEXT for ink in theme.inks)


@given(colour=COLOURS.filter(lambda each: contrast_on_white(each) >= EDGE))
def test_a_colour_that_is_taken_is_the_fill_in_light_as_it_is(colour):
    assert shades_of(colour, LIGHT).fill == colour


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_what_colours_are_judged_on_is_what_stands_in_the_stylesheet(theme):
    assert theme.surface == token("surface", theme)
    assert theme.grounds == tuple(token(name, theme) for name in ("page", "surface", "sunken"))
    assert theme.inks == tuple(token(name, theme) for name in ("ink", "ink-soft", "locked"))


def test_a_brand_overrides_tokens_that_there_are():
    assert [name for name, _shade in _TOKENS if f"{name}: light-dark(" not in TOKENS] == []


@pytest.mark.parametrize(("typed", "colour"), [("#2F5BD8", "#2f5bd8"), (" 2f5bd8 ", "#2f5bd8"), ("#0af", "#00aaff")])
def test_a_colour_has_one_spelling(typed, colour):
    assert canonical_colour(typed) == colour


@pytest.mark.parametrize("typed", ["", "red", "#12345", "#1234567", "rgb(1,2,3)", "#１２３４５６", "#2f5bd8;}"])
def test_what_is_no_colour_is_refused(typed):
    with pytest.raises(ValueError, match="not a colour"):
        canonical_colour(typed)
