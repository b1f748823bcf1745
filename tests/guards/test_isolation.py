"""Every way into the portal, for everybody, in every company: open to whom the grants say, and to nobody else."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest

from portal.domain.roles import granted
from tests.fixtures_portal import Clock
from tests.guards.inhabited import BOOKKEEPING, Company, Inhabited, Visitor, everything, inhabiting, masked
from tests.guards.routes import Way, ways

OPEN = frozenset({200, 204, 303, 409, 422, 429})
SIGN_IN = {True: frozenset({303}), False: frozenset({401})}
# Here an id is made beforehand for what is to be saved: nobody's id is a free one.
MADE_BEFOREHAND = frozenset({"draft_trials.create"})
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("isolation"), empty_database, Clock()) as found:
        yield found


def test_everybody_gets_in_where_the_grants_say_so_and_nowhere_else(town):
    wrong, met = [], set()
    for way, visitor in product(of_companies(town), town.visitors):
        nowhere = masked(ask(town, visitor, way, town.nobodys.ids))
        for company in (*town.companies, town.nobodys):
            expected = expected_of(way, visitor, company)
            answer = ask(town, visitor, way, company.ids, refused=expected is not OPEN)
            met.add(answer.status_code)
            if answer.status_code not in expected:
                wrong.append(f"{visitor.name} {way.name} in {company.name}: {answer.status_code} for {set(expected)}")
            elif expected == {404} and masked(answer) != nowhere:
                wrong.append(f"{visitor.name} {way.name} in {company.name}: not the answer for what does not exist")

    assert wrong == [], "\n".join(wrong)
    assert met >= {200, 303, 401, 403, 404}


def of_companies(town):
    return [way for way in ways(town.app) if "tenant_id" in way.ids]


def expected_of(way: Way, visitor: Visitor, company: Company) -> frozenset[int]:
    if visitor.actor is None:
        return SIGN_IN[way.is_safe]
    grants = granted(visitor.actor, company.tenant) if company.tenant else frozenset()
    if not grants:
        return frozenset({404})
    rests = visitor.actor.tenant.suspended and not way.policy.permission.endswith(":view")
    return frozenset({403}) if way.policy.permission not in grants or rests else OPEN


def ask(town: Inhabited, visitor: Visitor, way: Way, ids: Mapping[str, object], *, refused: bool = False):
    """One request. Whatever it changes is put back; where it is to be refused, a change is a failure of its own."""
    before = town.records.state()
    kept = town.records.state(but=BOOKKEEPING)
    answer = visitor.ask(town.app, way.method, town.url(way, ids), everything(ids))
    if town.records.state() != before:
        changed = town.records.state(but=BOOKKEEPING) != kept
        town.records.restore()
        assert not (refused and changed), (
            f"{visitor.name} was refused {way.name} ({answer.status_code}), but changed something"
        )
    return answer
