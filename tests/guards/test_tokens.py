"""Colours can be read in both themes, stand in one file, and nothing is laid out by left and right."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
SHEET = (CSS / "tokens.css").read_text()
RAW = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6})(?:[0-9a-f]{2})?, (#[0-9a-f]{6})(?:[0-9a-f]{2})?\);")
VALUES = {name: {"light": light, "dark": dark} for name, light, dark in RAW.findall(SHEET)}
ALIASES = dict(re.findall(r"--([\w-]+): var\(--([\w-]+)\);", SHEET))
TOKENS = {
    name.removeprefix("color-"): VALUES[ALIASES.get(name, name)]
    for name in re.findall(r"--(color-[\w-]+):", SHEET)
    if not name.startswith("color-scheme")
}


def pairs(kind):
    """What the tokens say stands on what: each of these on each of those."""
    lines = re.findall(rf"@{kind} ([\w -]+) : ([\w -]+)", SHEET)
    return [(ink, ground) for inks, grounds in lines for ink in inks.split() for ground in grounds.split()]


TEXT, EDGES = pairs("text"), pairs("edge")
BARE = re.findall(r"@bare ([\w -]+?) ?\*/", SHEET)[0].split()
BRAND = ("accent", "accent-strong", "accent-contrast", "accent-ink", "accent-soft")


def luminance(colour):
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground_in_both_themes(theme):
    ratios = {pair: contrast(TOKENS[pair[0]][theme], TOKENS[pair[1]][theme]) for pair in TEXT}

    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_controls_stand_out_in_both_themes(theme):
    ratios = {pair: contrast(TOKENS[pair[0]][theme], TOKENS[pair[1]][theme]) for pair in EDGES}

    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 3} == {}


def test_every_colour_says_what_it_stands_on():
    told = {name for pair in (*TEXT, *EDGES) for name in pair} | set(BARE)

    assert len(TEXT) > 30
    assert told == set(TOKENS)


def test_a_brand_sets_five_tokens_and_all_of_the_accent_follows_from_them():
    followers = {name for name in TOKENS if "accent" in name}

    assert {ALIASES[f"color-{name}"] for name in followers} == set(BRAND)
    assert VALUES.keys() - {f"color-{name}" for name in TOKENS} == set(BRAND)
    others = "\n".join(path.read_text() for path in CSS.rglob("*.css") if path.name != "tokens.css")
    assert re.findall(r"var\(--accent[\w-]*\)", others) == []


def test_what_moves_does_so_by_a_token_and_only_where_nobody_asked_for_stillness():
    for path in CSS.rglob("*.css"):
        still = re.sub(
            r"@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})*[^{}]*\}",
            "",
            path.read_text(),
        )
        assert re.findall(r"(?:animation|transition): [^;]*", still) == [], path.name
        moving = re.findall(r"(?:animation|transition): ([^;]*)", path.read_text())
        assert [each for each in moving if not re.search(r"var\(--(?:quick|gentle|turning)\)", each)] == [], path.name


@pytest.mark.req("S3.12", "S3.13")
def test_required_is_a_red_edge_and_read_only_is_purple():
    assert TOKENS["bad"] == {"light": "#b91c1c", "dark": "#f87171"}
    assert TOKENS["locked"] == {"light": "#6b21a8", "dark": "#d8b4fe"}
    assert "--field-start: 4px solid var(--color-bad)" in (CSS / "components/field.css").read_text()
    assert ".locked { color: var(--color-locked); }" in (CSS / "components/locked.css").read_text()


def test_the_success_toast_is_green_and_stands_in_the_top_corner():
    toast = (CSS / "components/toast.css").read_text()

    assert TOKENS["success"] == {"light": "#166534", "dark": "#166534"}
    assert "--toast-fill: var(--color-success)" in toast
    assert re.search(r"\.toasts \{[^}]*inset-block-start: [^}]*inset-inline-end: ", toast)


def test_raw_colours_stand_in_the_tokens_only():
    others = [path for path in CSS.rglob("*.css") if path.name != "tokens.css"]
    raw = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")

    assert [path.name for path in others if raw.search(path.read_text())] == []


def test_every_token_that_is_used_is_defined():
    everything = "\n".join(path.read_text() for path in CSS.rglob("*.css"))
    used = set(re.findall(r"var\((--(?!pico)[\w-]+)", everything))

    assert used - set(re.findall(r"(--[\w-]+):", everything)) == set()


def test_layouts_know_no_left_and_right():
    physical = re.compile(
        r"\b(?:margin|padding|border)-(?:left|right)\b|[{;]\s*(?:left|right|float)\s*:|text-align: (?:left|right)"
    )

    assert [path.name for path in CSS.rglob("*.css") if physical.search(path.read_text())] == []


def test_every_stylesheet_declares_its_layer():
    assert [path.name for path in CSS.rglob("*.css") if "@layer" not in path.read_text()] == []
