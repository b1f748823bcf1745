"""Looking changes nothing: whatever a link, a crawler or a mail scanner opens, every table stays as it was."""

from itertools import product

import pytest

from tests.fixtures_portal import Clock
from tests.guards.inhabited import inhabiting
from tests.guards.routes import ways

# When somebody was last seen is written while he looks, and that he was refused, if he was; nothing else is.
MAY_CHANGE = frozenset({"sign_ins"})
WHEN_REFUSED = frozenset({"audit_events", "audit_heads", "limits"})

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def town(empty_database, tmp_path_factory):
    clock = Clock()
    with inhabiting(tmp_path_factory.mktemp("purity"), empty_database, clock) as found:
        clock.forward(minutes=2)  # so that it shows when everybody was last seen
        yield found


@pytest.mark.asvs("3.5.3")
def test_no_way_of_looking_writes_anything_for_anybody(town):
    """In one's own company, and in one that is somebody else's to nearly everybody."""
    met, writing = looked(town, "GET", town.visitors, [town.companies[0]])

    assert writing == [], "\n".join(writing)
    assert {200, 404} <= met


def test_nor_does_asking_for_the_headers_alone(town):
    """Which takes the same way as GET, all of it: whoever is let in furthest, and a stranger, show as much as everybody."""
    met, writing = looked(town, "HEAD", [town["Pia"], town["Sue"], town["nobody signed in"]], [])

    assert writing == [], "\n".join(writing)
    assert 200 in met


def looked(town, method, visitors, others):
    """The answers that were met, and who wrote what by looking."""
    met, writing = set(), []
    for way, visitor in product((way for way in ways(town.app) if way.is_safe), visitors):
        home = town.company_of(visitor) if visitor.actor else town.nobodys
        for company in (home, *(each for each in others if each is not home and "tenant_id" in way.ids)):
            ids = company.ids if "tenant_id" in way.ids else visitor.ids or company.ids
            answer = visitor.ask(town.app, method, town.url(way, ids))
            met.add(answer.status_code)
            changed = town.records.changed()
            if changed - (MAY_CHANGE | WHEN_REFUSED if answer.status_code in {403, 404} else MAY_CHANGE):
                writing.append(f"{visitor.name}: {method} {way.rule.rule} wrote {changed}")
            if changed - MAY_CHANGE:
                town.records.restore()
    return met, writing
