"""Every wall is needed: switched off alone, at least one case notices."""

import pytest

from tests.isolation.survey import functions_used
from tests.isolation.walls import all_walls, unnoticeable

SHARES = 12

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


def is_noticed(wall, cases, judge):
    """Those who are to be refused first: they notice sooner. Whoever notices has to be content again with the wall."""
    concerned = sorted((case for case in cases if wall.concerns(case)), key=lambda case: len(case.expected))
    for case in concerned:
        if case.like is not None:
            judge.nothing(case)
    with wall.off():
        noticing = next((case for case in concerned if judge.leaks(case)), None)
    return noticing is not None and judge.leaks(noticing) == []
