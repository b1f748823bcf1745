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


@pytest.mark.asvs("3.5.3")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_way_of_looking_writes_anything_for_anybody(tmp_path, empty_database, method):
    clock, writing, met = Clock(), [], set()
    with inhabiting(tmp_path, empty_database, clock) as town:
        safe = [way for way in ways(town.app) if way.is_safe]
        clock.forward(minutes=2)
        for way, visitor in product(safe, town.visitors):
            for company in (*town.companies[:2], town.company_of(visitor) if visitor.actor else town.nobodys):
                ids = company.ids if "tenant_id" in way.ids else visitor.ids or company.ids
                answer = visitor.ask(town.app, method, town.url(way, ids))
                met.add(answer.status_code)
                allowed = MAY_CHANGE | WHEN_REFUSED if answer.status_code in {403, 404} else MAY_CHANGE
                changed = town.records.changed()
                if changed - allowed:
                    writing.append(f"{visitor.name}: {method} {way.rule.rule} wrote {changed - allowed}")
                if changed - MAY_CHANGE:
                    town.records.restore()

    assert writing == [], "\n".join(writing)
    assert 200 in met
