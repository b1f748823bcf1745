"""Every way into the portal, for everybody, in every company: open to whom the grants say, and to nobody else."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from portal.domain.roles import granted
from tests.fixtures_portal import Clock
from tests.guards.inhabited import BOOKKEEPING, Company, Inhabited, Visitor, everything, inhabiting, masked
from tests.guards.routes import Way, ways

OPEN = frozenset({200, 204, 303, 409, 422, 429})
# Here the page makes an id before anything is saved: one that is nobody's is as good as any.
MADE_BEFOREHAND = frozenset({"draft_trials.create"})
# What is made by chance: an id, or the hash of an event, which has one.
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("isolation"), empty_database, Clock()) as found:
        yield found


def test_everybody_gets_in_where_the_grants_say_so_and_nowhere_else(town):
    wrong, met = [], set()
    for way, visitor in product(of_companies(town), town.visitors):
        nowhere = masked(ask(town, visitor, way, town.nobodys.ids)[0])
        for company in (*town.companies, town.nobodys):
            expected = in_company(way, visitor, company)
            answer, changed = ask(town, visitor, way, company.ids)
            met.add(answer.status_code)
            case = f"{visitor.name}: {way.name} in {company.name}: {answer.status_code}"
            if answer.status_code not in expected:
                wrong.append(f"{case}, expected {sorted(expected)}")
            elif expected == {404} and masked(answer) != nowhere:
                wrong.append(f"{case} differs from what does not exist")
            elif changed and expected != OPEN:
                wrong.append(f"{case} changed {changed}")

    assert wrong == [], "\n".join(wrong)
    assert met >= {200, 303, 401, 403, 404}


def test_what_belongs_to_another_company_does_not_exist_under_ones_own_address(town):
    wrong, asked = [], 0
    for way, visitor in product(of_companies(town), town.visitors):
        if visitor.actor is None or in_company(way, visitor, own := town.company_of(visitor)) != OPEN:
            continue
        for name, other in product(way.ids - {"tenant_id"}, (*town.companies, town.nobodys)):
            is_free = other.tenant is None and way.rule.endpoint in MADE_BEFOREHAND
            if other is own or is_free:
                continue
            asked += 1
            nowhere, _ = ask(town, visitor, way, {**own.ids, name: town.nobodys.ids[name]})
            answer, changed = ask(town, visitor, way, {**own.ids, name: other.ids[name]})
            case = f"{visitor.name}: {way.name} with {name} of {other.name}: {answer.status_code}"
            if answer.status_code != 404 or changed:
                wrong.append(f"{case}, changed {changed}")
            elif way.rule.endpoint not in MADE_BEFOREHAND and masked(answer) != masked(nowhere):
                wrong.append(f"{case} differs from what does not exist")

    assert wrong == [], "\n".join(wrong)
    assert asked > 100


@pytest.mark.parametrize("field", ["config", "trial", "select"])
def test_a_foreign_id_in_a_form_or_a_question_is_answered_like_an_id_of_nobody(town, field):
    wrong = []
    for way, visitor in product(of_companies(town), (town["Rex"], town["Sue"])):
        own = town.company_of(visitor)
        kind = "trial_id" if field == "trial" else "config_id"
        nowhere, _ = ask(town, visitor, way, own.ids, **{field: town.nobodys.ids[kind]})
        for other in town.companies:
            if other is own:
                continue
            answer, _ = ask(town, visitor, way, own.ids, **{field: other.ids[kind]})
            if without_ids(answer) != without_ids(nowhere):
                wrong.append(f"{visitor.name}: {way.name} with {field} of {other.name}: {answer.status_code}")

    assert wrong == [], "\n".join(wrong)


def test_ones_own_pages_are_for_whoever_is_signed_in_and_show_nobody_elses_things(town):
    wrong = []
    own_ways = [way for way in ways(town.app) if "tenant_id" not in way.ids]
    for way, visitor, other in product(own_ways, town.visitors, town.visitors):
        if way.ids.isdisjoint(other.ids) and other is not visitor:
            continue
        expected = of_oneself(way, visitor, other)
        answer, changed = ask(town, visitor, way, {**town.nobodys.ids, **other.ids})
        case = f"{visitor.name}: {way.name} of {other.name}: {answer.status_code}"
        if answer.status_code not in expected:
            wrong.append(f"{case}, expected {sorted(expected)}")
        elif way.policy.is_operators and expected == {404} and masked(answer) != masked(nowhere(town, visitor, way)):
            wrong.append(f"{case} differs from what does not exist")
        elif changed and expected & OPEN == set():
            wrong.append(f"{case} changed {changed}")

    assert wrong == [], "\n".join(wrong)


def of_companies(town: Inhabited) -> list[Way]:
    return [way for way in ways(town.app) if "tenant_id" in way.ids]


def in_company(way: Way, visitor: Visitor, company: Company) -> frozenset[int]:
    if visitor.actor is None:
        return sign_in_first(way)
    grants = granted(visitor.actor, company.tenant) if company.tenant else frozenset()
    if not grants:
        return frozenset({404})
    only_looks = way.policy.permission.endswith(":view")
    is_resting = visitor.actor.tenant.suspended and not only_looks
    return frozenset({403}) if way.policy.permission not in grants or is_resting else OPEN


def of_oneself(way: Way, visitor: Visitor, other: Visitor) -> frozenset[int]:
    if way.policy.is_public:
        return OPEN | {404}
    if visitor.actor is None:
        return sign_in_first(way)
    if other is not visitor or "letter_id" in way.ids:
        return frozenset({404})
    if way.policy.is_operators and (visitor.name != "Pia" or "message_id" in way.ids):
        return frozenset({404})
    return OPEN | {403} if visitor.actor.tenant.suspended and not way.is_safe else OPEN


def nowhere(town: Inhabited, visitor: Visitor, way: Way) -> TestResponse:
    return visitor.ask(town.app, way.method, "/nowhere-at-all")


def sign_in_first(way: Way) -> frozenset[int]:
    return frozenset({303 if way.is_safe else 401})


def ask(
    town: Inhabited, visitor: Visitor, way: Way, ids: Mapping[str, object], **more: object
) -> tuple[TestResponse, set[str]]:
    """The answer, and whose business it changed; whatever that was is put back, but for the trace of a refusal."""
    form = {**everything(ids), **more}
    answer = visitor.ask(town.app, way.method, town.url(way, ids), form if way.method != "GET" else more)
    if way.is_safe:
        return answer, set()
    changed = town.records.changed()
    if changed - BOOKKEEPING or (changed and answer.status_code not in {403, 404}):
        town.records.restore()
    return answer, changed - BOOKKEEPING


def without_ids(answer: TestResponse) -> tuple[object, ...]:
    status, headers, text = masked(answer)
    return status, ID.sub("", repr(headers)), ID.sub("", text)
