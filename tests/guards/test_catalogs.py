"""Whatever is said can be said in every language that there is, with the same gaps; `make catalogs` tells what is missing."""

import re
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from portal.domain.languages import DEFAULT_LANGUAGE, SPOKEN
from portal.i18n import ngettext, speaking
from portal.i18n.catalogs import FOLDER, translations_for, voice_in

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(set(SPOKEN) - {DEFAULT_LANGUAGE})
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
GAP = re.compile(r"%\((\w+)\)[sd]")
BRACES = re.compile(r"\{\w+\}")  # filled in by a script
# A percent sign that begins no gap would break the sentence, and markup in a sentence would be markup on the page.
STRAY = re.compile(r"%(?!\(\w+\)[sd]|%)|<[a-z/!]|&\w+;")


@lru_cache
def said() -> frozenset[str | tuple[str, str]]:
    """Every string of pages, mails and commands, found by Babel's own extraction as `make catalogs` runs it."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = [extract_from_dir(ROOT / each, _below(methods, each), _options(options, each), KEYWORDS) for each in PLACES]
    return frozenset(message for place in found for _file, _line, message, _comments, _context in place)


PLACES = ("portal", "templates")


def _below(methods: list[tuple[str, str]], place: str) -> list[tuple[str, str]]:
    return [(pattern.removeprefix(f"{place}/"), method) for pattern, method in methods if pattern.startswith(place)]


def _options(options: dict[str, dict[str, str]], place: str) -> dict[str, dict[str, str]]:
    return {pattern.removeprefix(f"{place}/"): each for pattern, each in options.items() if pattern.startswith(place)}


@lru_cache
def catalog(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def is_complete(language: str, message: Message) -> bool:
    wanted = catalog(language).num_plurals if message.pluralizable else 1
    return len(forms(message)) == wanted and all(forms(message))


def trouble(message: Message) -> bool:
    """Whether a form lacks a gap, has one too many, begins or ends otherwise, or holds what would break it."""
    sources = message.id if message.pluralizable else (message.id,)
    braces = {tuple(sorted(BRACES.findall(source))) for source in sources}
    edges = {(source[:1].isspace(), source[-1:].isspace()) for source in sources}
    # "one mail" and "two mails" may name their number or say it in a word.
    needed, known = (
        set(GAP.findall(sources[0])) - {"number"},
        {gap for source in sources for gap in GAP.findall(source)},
    )
    for form in forms(message):
        gaps = set(GAP.findall(form))
        if STRAY.search(form) or tuple(sorted(BRACES.findall(form))) not in braces:
            return True
        if (form[:1].isspace(), form[-1:].isspace()) not in edges:
            return True
        if not (needed <= gaps <= known) or (not message.pluralizable and gaps != known):
            return True
    return False


def test_there_is_a_catalogue_for_each_language_that_is_spoken():
    assert sorted(each.stem for each in FOLDER.glob("*.po")) == LANGUAGES


def test_the_extraction_finds_what_is_said():
    assert {"Mail configuration", "Welcome to %(tenant)s", ("%(number)s company", "%(number)s companies")} <= said()
    assert len(said()) > 1500


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_said_is_translated(language):
    translated = {message.id for message in messages(language) if is_complete(language, message)}
    missing = sorted(map(str, said() - translated))

    assert not missing, f"`make catalogs` writes them into {language}.po to be filled in:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_unsure_or_said_no_more(language):
    assert [message.id for message in messages(language) if message.fuzzy] == []
    assert [*catalog(language).obsolete] == [], "drop them with `make catalogs ARGS=--ignore-obsolete`"
    assert {message.id for message in messages(language)} - said() == set(), "run `make catalogs`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_gaps_of_its_source(language):
    assert [(message.id, message.string) for message in messages(language) if trouble(message)] == []


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Hello %(name)s", "Hallo"),
        ("Hello", "Hallo %(name)s"),
        ("Hello", "100 % Hallo"),
        ("Hello", "<b>Hallo</b>"),
        ("Hello ", "Hallo"),
        ("Port {port}", "Port {anschluss}"),
        (("%(name)s: one", "%(name)s: %(number)s"), ("eins", "%(name)s: %(number)s")),
    ],
)
def test_each_kind_of_trouble_is_found(source, translation):
    assert trouble(Message(source, translation))


def test_arabic_has_a_form_for_each_of_its_six_kinds_of_numbers():
    with speaking(voice_in("ar")):
        told = [ngettext("%(number)s company", "%(number)s companies", number) for number in (0, 1, 2, 5, 11, 100)]

    assert len(set(told)) == len(told)
    assert ["5" in told[3], "11" in told[4], "100" in told[5]] == [True] * 3


def test_a_language_without_a_catalogue_is_english():
    for language in ("xx", "../de", ""):
        assert translations_for(language).ugettext("It arrived.") == "It arrived."
