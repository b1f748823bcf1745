"""Every wall is needed: switched off alone, at least one case notices."""

import pytest

from tests.isolation.survey import functions_used
from tests.isolation.walls import all_walls

SHARES = 12
# What is no wall, although it compares companies; each with its reason.
NO_WALLS: dict[str, str] = {}

pytestmark = [pytest.mark.isolation, pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def walls(town, cases):
    return all_walls(town, functions_used(town, cases))


@pytest.mark.parametrize("share", range(SHARES))
def test_each_wall_that_is_switched_off_is_noticed(walls, cases, judge, share, record_property):
    mine = [wall for wall in walls if wall.name not in NO_WALLS][share::SHARES]
    unnoticed = [wall.name for wall in mine if not is_noticed(wall, cases, judge)]
    record_property("walls", len(mine))
    record_property("noticed", len(mine) - len(unnoticed))

    assert unnoticed == [], "\n".join(unnoticed)


def is_noticed(wall, cases, judge):
    """Those who are to be refused first: they notice sooner."""
    concerned = sorted((case for case in cases if wall.concerns(case)), key=lambda case: len(case.expected))
    for case in concerned:
        if case.like is not None:
            judge.nothing(case)
    with wall.off():
        return any(judge.leaks(case) for case in concerned)
