"""Nobody gets in where the grants do not say so: a sample of the cases that `make isolation` asks one by one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, inhabiting
from tests.isolation.asking import fields_read
from tests.isolation.cases import all_cases
from tests.isolation.judging import Judge

# A number that shares no factor with those of visitors, companies and ways: every kind of case is met.
EVERY = 29

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inhabited]:
    with inhabiting(tmp_path_factory.mktemp("isolation"), empty_database, Clock()) as found:
        yield found


@pytest.mark.asvs("8.2.1", "8.2.2", "8.2.3", "8.4.1")
def test_everybody_gets_in_where_the_grants_say_so_and_nowhere_else(town):
    cases, judge = list(all_cases(town, fields_read(town))), Judge(town)
    sample = cases[::EVERY]
    leaks = [leak for case in sample for leak in judge.leaks(case)]

    assert leaks == [], "\n".join(leaks)
    assert {case.way.name for case in sample} == {case.way.name for case in cases if "tenant_id" in case.way.ids} | {
        case.way.name for case in sample if "tenant_id" not in case.way.ids
    }
    assert {case.visitor.name for case in sample} == {visitor.name for visitor in town.visitors}
