"""Whatever a mail of ours says can be said in every language of which there is a catalogue, with the same gaps."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.i18n.catalogs import FOLDER, translations_for

MAILS = Path(__file__).parents[2] / "templates" / "mail"
LANGUAGES = sorted(each.stem for each in FOLDER.glob("*.po"))
SAID = sorted({said for each in MAILS.rglob("*.*") for said in re.findall(r'_\("([^"]*)"', each.read_text())})
GAP = re.compile(r"%\((\w+)\)s")


def test_there_is_a_catalogue():
    assert LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_a_mail_is_translated_with_its_gaps(language):
    with (FOLDER / f"{language}.po").open("rb") as source:
        catalog = read_po(source, locale=language)
    translated = {message.id: message.string for message in catalog if message.id}

    assert set(SAID) <= set(translated)
    for said, other in translated.items():
        assert other
        assert sorted(GAP.findall(said)) == sorted(GAP.findall(other)), said


def test_a_language_without_a_catalogue_is_english():
    for language in ("xx", "../de", ""):
        assert translations_for(language).ugettext("It arrived.") == "It arrived."
