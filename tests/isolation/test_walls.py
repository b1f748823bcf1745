"""Every wall is needed: switched off alone, at least one case notices."""

from collections import Counter
from itertools import islice

import pytest

from tests.isolation.survey import functions_used
from tests.isolation.walls import all_walls, gone, unnoticeable

SHARES = 12
# Asked behind one wall that is switched off, before what nothing looks like is asked for the next.
AT_A_TIME = 20

pytestmark = [pytest.mark.isolation, pytest.mark.timeout(1800)]


@pytest.fixture(scope="session")
def used(town, cases):
    return functions_used(town, cases)


@pytest.fixture(scope="session")
def walls(town, used):
    return all_walls(town, used)


@pytest.mark.parametrize("share", range(SHARES))
def test_each_wall_that_is_switched_off_is_noticed(walls, cases, judge, share, record_property):
    mine = walls[share::SHARES]
    unnoticed = [wall.name for wall in mine if not is_noticed(wall, cases, judge)]
    record_property("walls", len(mine))
    record_property("noticed", len(mine) - len(unnoticed))

    assert unnoticed == [], "\n".join(unnoticed)


def test_what_no_page_reaches_has_a_test_of_its_own(used):
    assert unnoticeable(used) == [], "name its test in tests/isolation/elsewhere.py"
    assert gone() == []


def is_noticed(wall, cases, judge):
    """Whoever notices has to be content again with the wall."""
    concerned = iter(spread(case for case in cases if wall.concerns(case)))
    while some := list(islice(concerned, AT_A_TIME)):
        for case in some:
            if case.like is not None:
                judge.nothing(case)  # what nothing looks like is asked with the wall in its place
        with wall.off():
            noticing = next((case for case in some if judge.leaks(case)), None)
        if noticing is not None:
            return judge.leaks(noticing) == []
    return False


def spread(cases):
    """One of every kind before the second of any, and those first who are to be refused: somebody notices sooner."""
    seen = Counter()
    numbered = []
    for case in cases:
        kind = case.slot, case.relation, case.way.is_safe, case.visitor.actor is None
        numbered.append((seen[kind], len(case.expected), case))
        seen[kind] += 1
    return [case for *_, case in sorted(numbered, key=lambda each: each[:2])]
