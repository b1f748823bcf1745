"""Every mail of the portal has all its parts: words in three files, a name, placeholders that its letter fills in."""

import inspect
from datetime import timedelta
from pathlib import Path

import pytest

from portal.domain.outgoing import Attachment, Purpose
from portal.domain.templates import PLACEHOLDERS
from portal.mail.templates import MailTemplates
from portal.services.system_mail import Letters
from portal.web.forms.templates import placeholder_meaning
from portal.web.sentences import purpose_name

FOLDER = Path(__file__).parents[2] / "templates" / "mail"
LAYOUTS = frozenset({"own_words"})
METHODS = {
    name: method
    for name, method in inspect.getmembers(Letters, inspect.isfunction)
    if name != "reason" and not name.startswith("_")
}
SAMPLES = {
    "valid_for": timedelta(hours=2),
    "is_refused": True,
    "charset": "utf-8",
    "file": Attachment("invoice.pdf", "application/pdf", b"%PDF-"),
}


def test_every_folder_is_a_letter_and_every_letter_has_its_folder():
    assert {each.name for each in FOLDER.iterdir() if each.is_dir()} - LAYOUTS == set(METHODS)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_mail_has_a_subject_a_text_and_html(name):
    assert {each.name for each in (FOLDER / name).iterdir()} == {"subject.txt", "body.txt", "body.html"}
    for part in ("body.txt", "body.html", "subject.txt"):
        assert "_(" in (FOLDER / name / part).read_text()


@pytest.mark.parametrize("purpose", Purpose, ids=str)
def test_every_purpose_has_a_name(purpose):
    assert purpose_name(purpose.value) != purpose.value


@pytest.mark.parametrize("purpose", PLACEHOLDERS, ids=str)
def test_what_companies_may_name_in_their_own_words_is_what_the_letter_brings(purpose):
    method = METHODS[purpose.value.replace("-", "_")]
    wanted = {name: SAMPLES.get(name, name) for name in inspect.signature(method).parameters if name != "self"}
    letter = method(Letters(MailTemplates.under(FOLDER)), **wanted)

    assert {each.name for each in PLACEHOLDERS[purpose]} - {"company"} <= set(letter.values)
    assert letter.subject
    assert letter.html


def test_every_placeholder_says_what_it_stands_for():
    names = {each.name for placeholders in PLACEHOLDERS.values() for each in placeholders}

    assert len({placeholder_meaning(name) for name in names}) == len(names)
