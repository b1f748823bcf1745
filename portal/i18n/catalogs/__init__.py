"""Knows the catalogues that there are: for each language one file, read when it is first wanted."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal.i18n import ENGLISH, Voice
from portal.i18n.zones import zone_of

FOLDER = Path(__file__).parent


def voice_in(language: str, zone: str = "") -> Voice:
    """How a language (an ISO 639 code) is spoken, at the time of a zone; at UTC where none is named."""
    return Voice(language or ENGLISH.language, translations_for(language), zone_of(zone))


@lru_cache(maxsize=32)
def translations_for(language: str) -> NullTranslations:
    """What is said in a language (an ISO 639 code); where there is no catalogue, the source language, English."""
    path = FOLDER / f"{language}.po"
    if not (language.isalpha() and path.is_file()):
        return NullTranslations()
    with path.open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
