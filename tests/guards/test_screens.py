"""Every page is in the list of screens, every screen has its pictures, every picture is shown, every icon is explained."""

import re
from pathlib import Path

import pytest

from portal.web.main_menu import _UNDER
from portal.web.sentences.chapters import anchor_of
from portal.web.sentences.icons import icon_meanings
from tests.guards.routes import ways
from tests.slow.gallery import ENDINGS, GALLERY, ICONS, PICTURES, gallery, with_icons
from tests.slow.screens import SCREENS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "using.md").read_text()
DOCUMENTS = {path: path.read_text() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]}
# What a person is shown there is another page of this list, or nothing.
NO_SCREEN = {
    "assets.show": "style sheets, scripts and icons",
    "brand_files.show": "the style sheet and the logo of a brand",
    "styleguide.show": "for developers",
    "healthz.show": "for machines",
    "metrics.show": "for machines",
    "readyz.show": "for machines",
    "sign_ins.home": "leads on to the first page of whoever is in",
}
# Before anybody is signed in there is no menu, and so no way to the help page.
WITHOUT_MENU = {"contact_confirmations", "email_changes", "invitations", "password_resets", "second_steps", "sign_ins"}
LARGEST = 6_000_000


def test_every_page_is_a_screen_or_none_for_a_reason(make_portal):
    pages = {way.rule.endpoint for way in ways(make_portal(demo=True)) if way.is_safe}

    assert pages - {each.shows for each in SCREENS} == NO_SCREEN.keys(), (
        "a new page gets a line in tests/slow/screens.py"
    )


def test_every_screen_shows_a_page_and_has_a_name_and_a_caption_of_its_own(make_portal):
    pages = {way.rule.endpoint for way in ways(make_portal(demo=True)) if way.is_safe}

    assert {each.shows for each in SCREENS} - pages == set()
    assert len({each.name for each in SCREENS}) == len({each.caption for each in SCREENS}) == len(SCREENS)


@pytest.mark.req("S0.20")
def test_every_screen_has_a_picture_by_day_by_night_and_on_a_phone():
    expected = {f"{screen.name}{ending}.webp" for screen in SCREENS for ending in ENDINGS}

    assert {each.name for each in PICTURES.glob("*.webp")} == expected, "make pictures"
    assert GALLERY.read_text() == gallery(SCREENS), "make pictures"


@pytest.mark.req("S0.20")
def test_the_guide_shows_its_screens_in_the_light_and_in_the_dark():
    shown = re.findall(
        r'<source media="\(prefers-color-scheme: dark\)" srcset="pictures/([a-z-]+)-dark\.webp">'
        r'<img alt="[^"]+" src="pictures/([a-z-]+)\.webp"',
        GUIDE,
    )

    assert [pair for pair in shown if pair[0] != pair[1]] == []
    assert len(shown) >= 30
    assert GUIDE.count("<picture>") == len(shown)


def test_every_picture_that_a_document_names_exists():
    missing = [
        f"{path.relative_to(ROOT)}: {target}"
        for path, text in DOCUMENTS.items()
        for target in re.findall(r'(?:src|srcset)="([^"]+)"', re.sub(r"```.*?```|`[^`\n]+`", "", text, flags=re.DOTALL))
        if not target.startswith("https://") and not (path.parent / target).exists()
    ]

    assert missing == []


def test_every_picture_is_shown_by_a_document():
    named = set(re.findall(r"pictures/([\w./-]+)", "\n".join(DOCUMENTS.values())))
    kept = {each.relative_to(PICTURES).as_posix() for each in PICTURES.rglob("*.*")}

    assert kept - named == set()


def test_all_pictures_together_stay_small():
    assert sum(each.stat().st_size for each in PICTURES.rglob("*.*")) <= LARGEST


def test_the_contents_of_the_guide_lead_to_every_part_of_it():
    chapters = re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    listed = re.findall(r"^- \[(.+?)\]\(#([\w-]+)\)", GUIDE, re.MULTILINE)

    assert [title for title, _ in listed] == [each for each in chapters if each != "Contents"]
    assert [place for _, place in listed] == [place_of(title) for title, _ in listed]


def place_of(title):
    """Where GitHub puts a heading: lower case, without punctuation, with hyphens."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.req("S3.25")
def test_every_icon_that_a_page_shows_is_explained_in_the_guide_and_on_the_help_page(app):
    with app.test_request_context():
        told = dict(icon_meanings())
    assert used_icons() - told.keys() == set(), "say what they mean in portal/web/sentences/icons.py"
    assert GUIDE.count(with_icons("| icon | meaning |\n|---|---|\n", told)) == 1, "make pictures"
    assert {each.stem for each in ICONS.glob("*.svg")} == told.keys(), "make pictures"


def used_icons():
    """Every symbol of the sprite that is named anywhere between quotes, as macros and views name them."""
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "portal/web").rglob("*.py")]
    texts = [path.read_text() for path in sources if path.name not in {"icon.html", "icons.py"}]
    return {each for each in symbols if any(f'"{each}"' in text for text in texts)}


def test_every_page_with_a_menu_leads_to_a_part_of_the_help_page(make_portal):
    areas = {way.rule.endpoint.partition(".")[0] for way in ways(make_portal(demo=True)) if way.is_safe}
    areas -= {each.partition(".")[0] for each in NO_SCREEN} | WITHOUT_MENU | {"help"}

    silent = {area for area in areas if not anchor_of(_UNDER.get(area, area))}

    assert silent == set(), "give it a chapter in portal/web/sentences/chapters.py, or a place in portal/web/shell.py"
