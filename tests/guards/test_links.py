"""Whoever is in, and follows every link that he sees, never comes to a page that is missing or broken."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, inhabiting
from tests.page import Page

pytestmark = pytest.mark.timeout(180)
_PLACE_OF_AN_ID = UUID(int=0)  # in what a page writes once for all its rows
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}")
SURELY_MET = {
    "Pia": {"/queue", "/help", "/me/mail", "/t/<id>/tree", "/t/<id>/suspension", "/t/<id>/children/new"},
    "Rex": {"/t/<id>/mail-configs/<id>", "/t/<id>/people", "/t/<id>/invitations/new"},
    "Sue": {"/t/<id>/mail-configs/<id>/deletion", "/t/<id>/profiles/<id>", "/t/<id>/mail-log", "/t/<id>/audit-log"},
    "Cal": {"/me/mail", "/me/password", "/me/security", "/help"},
    "Otto": {"/t/<id>/contacts", "/t/<id>/mail-templates", "/t/<id>/administration"},
}


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("links"), empty_database, Clock()) as found:
        yield found


@pytest.mark.parametrize("name", SURELY_MET)
def test_every_link_leads_to_a_page(town, name):
    met = walked(town, name)

    assert {kind: status for kind, status in met.items() if status not in {200, 303}} == {}
    assert met.keys() >= SURELY_MET[name]


def walked(town: Inhabited, name: str) -> dict[str, int]:
    """What every kind of page answers; of pages that differ by an id or a question only, one is enough."""
    answers: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        url = waiting.pop().partition("#")[0]
        kind = _ID.sub("<id>", url.partition("?")[0])
        if kind in answers or not url.startswith("/") or url.startswith("/assets/") or str(_PLACE_OF_AN_ID) in url:
            continue
        answer = town[name].ask(town.app, "GET", url)
        answers[kind] = answer.status_code
        waiting.append(answer.headers.get("Location", ""))
        if answer.mimetype == "text/html":
            waiting += [each.get("href") or "" for each in Page(answer.text).all("a")]
    return answers
