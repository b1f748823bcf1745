"""Every way into the portal, for everybody, with everybody's things: open to whom the grants say, and to nobody else."""

import pytest

from tests.isolation.expected import OPEN
from tests.isolation.relations import Relation

SHARES = 12

pytestmark = [pytest.mark.isolation, pytest.mark.timeout(600)]


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_leaks(cases, judge, share, record_property):
    mine = cases[share::SHARES]
    leaks = [leak for case in mine for leak in judge.leaks(case)]
    record_property("cases", len(mine))
    record_property("leaks", len(leaks))

    assert leaks == [], "\n".join(leaks)


def test_there_are_enough_cases_and_every_way_is_open_to_somebody(cases, town):
    assert len(cases) >= 5_000
    assert len(town.visitors) >= 11
    assert {case.relation for case in cases} == set(Relation)
    open_to_somebody = {case.way.name for case in cases if case.expected & OPEN}
    assert {case.way.name for case in cases} - open_to_somebody <= {"GET /demo/mailbox/<letter_id>"}
