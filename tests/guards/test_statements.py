"""No page asks the database for much: lists three times at most, everything else six times at most, the session included."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.store.db import db
from tests.counting import noting
from tests.fixtures_portal import Clock
from tests.guards.inhabited import inhabiting
from tests.guards.routes import ways

pytestmark = pytest.mark.timeout(180)

LIST, PAGE = 3, 6
T = "/t/<uuid:tenant_id>"
LISTS = {
    f"{T}/{each}" for each in ("mail-configs", "people", "profiles", "contacts", "invoices", "mail-log", "audit-log")
} | {"/demo/mailbox", "/me/security"}
# What cannot do with so few, and why.
MORE = {
    f"{T}/tree": (5, "it shows the whole branch: the way up, the branch, its configurations, and which of them fail"),
    f"{T}/explanation": (11, "it tells every rung of the way, for whoever is chosen from the lists around it"),
    f"{T}/mail-configs/<uuid:config_id>/deletion": (10, "it tells what stays behind and whose mail changes its way"),
    "/queue": (9, "it is seven lists on one page, for the operator alone"),
}
WHO = {
    "Pia": "the provider, in a company two levels below",
    "Sue": "a company's owner, at home",
    "Cal": "somebody who only has mail of his own",
}


@pytest.fixture(scope="module")
def town(empty_database, tmp_path_factory):
    with inhabiting(tmp_path_factory.mktemp("statements"), empty_database, Clock()) as found:
        yield found


@contextmanager
def counting(app) -> Iterator[list[str]]:
    """What is asked meanwhile; how a transaction begins and ends does not count."""
    asked = []

    def note(statement):
        if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA")):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    with noting(note, engine):
        yield asked


def most(rule):
    return MORE[rule][0] if rule in MORE else LIST if rule in LISTS else PAGE


@pytest.mark.parametrize("who", WHO)
def test_every_page_asks_the_database_as_seldom_as_it_may(town, who):
    visitor, sues = town[who], town.company_of(town["Sue"])
    counts = {}
    for way in (each for each in ways(town.app) if each.is_safe):
        ids = {**sues.ids, **visitor.ids} if way.rule.rule.startswith("/me/") else sues.ids
        with counting(town.app) as asked:
            answer = visitor.ask(town.app, "GET", town.url(way, ids))
        if answer.status_code == 200:
            counts[way.rule.rule] = len(asked)

    assert {rule: count for rule, count in counts.items() if count > most(rule)} == {}
    if who == "Pia":
        assert LISTS | MORE.keys() <= counts.keys()
