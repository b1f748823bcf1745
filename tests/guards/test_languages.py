"""Every page there is speaks every language, and nothing of it stays English."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.domain.languages import SPOKEN
from portal.i18n.catalogs import FOLDER
from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, Visitor, inhabiting
from tests.guards.routes import ways
from tests.page import Page

# Whoever sees most, whoever sees least, and a company with mail of its own below another one.
READERS = ("Pia", "Sue", "Cal", "nobody signed in")
READ_ALOUD = ("aria-label", "title", "placeholder", "alt")
GAP = re.compile(r"%\(\w+\)[sd]")
# What people typed, and it happens to be what the portal says somewhere, too.
TYPED = frozenset({"Sales", "Contact", "Hello"})

# Its samples are English for everybody; production does not have it.
FOR_DEVELOPERS = "styleguide.show"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("languages"), empty_database, Clock()) as found:
        yield found


@pytest.mark.parametrize("language", SPOKEN)
def test_every_page_speaks_the_language_that_its_reader_wants(town, language):
    seen, wrong = 0, []
    for name, url, page in pages(town, language):
        seen += 1
        html = page.all("html")[0]
        if html["lang"] != language or (html["dir"] == "rtl") != (language == "ar"):
            wrong.append(f"{name}: {url}: {html}")
        wrong += [f"{name}: {url}: {each}" for each in said_on(page) if GAP.search(each)]
        wrong += [f"{name}: {url}: {each}" for each in said_on(page) & english(language)]

    assert wrong == [], "\n".join(wrong)
    assert seen > 80


def pages(town: Inhabited, language: str) -> Iterator[tuple[str, str, Page]]:
    """Every page that somebody can look at, with the sample that there is of each."""
    for reader in READERS:
        visitor: Visitor = town[reader]
        ids = town.company_of(visitor).ids if visitor.actor else town.nobodys.ids
        for way in ways(town.app):
            if not way.is_safe or way.rule.endpoint == FOR_DEVELOPERS:
                continue
            url = town.url(way, {**ids, **visitor.ids} if "tenant_id" not in way.ids else ids)
            answer = visitor.ask(town.app, "GET", url, headers={"Accept-Language": language})
            assert answer.status_code < 500, f"{reader}: {url}"
            if answer.mimetype == "text/html" and answer.status_code not in range(300, 400):
                yield reader, url, Page(answer.text)


def said_on(page: Page) -> set[str]:
    aloud = {attributes[name] or "" for _tag, attributes in page.tags for name in READ_ALOUD if name in attributes}
    return {" ".join(each.split()) for each in (*page._text, *aloud)}


@lru_cache
def english(language: str) -> frozenset[str]:
    """What must not be read on a page in this language: every English sentence that is another one there."""
    if language == "en":
        return frozenset()
    with (FOLDER / f"{language}.po").open("rb") as source:
        catalog = read_po(source, locale=language)
    said = {message.id: message.string for message in catalog if isinstance(message.id, str) and message.id}
    others = frozenset(said.values())
    return frozenset(each for each, other in said.items() if each not in others) - TYPED
