"""Knows the catalogues that there are: for each language one file, read when it is first wanted."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent


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
