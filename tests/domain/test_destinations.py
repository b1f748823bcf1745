"""How many servers a tenant may try, and when there is room again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.destinations import Visit, spent_limit
from portal.domain.limits import DESTINATIONS_PER_TENANT_AND_DAY as PER_DAY
from portal.domain.limits import NEW_DESTINATIONS_PER_TENANT_AND_HOUR as NEW_PER_HOUR

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def visits(count, *, first, last):
    """So many servers, met so many minutes ago for the first and for the last time."""
    return [Visit(NOW - timedelta(minutes=first), NOW - timedelta(minutes=last))] * count


@pytest.mark.parametrize(
    ("known", "limit", "wait"),
    [
        ([], None, None),
        (visits(4, first=10, last=10), None, None),
        (visits(5, first=10, last=1), NEW_PER_HOUR, 50),
        (visits(5, first=60, last=1), None, None),
        (visits(4, first=10, last=1) + visits(15, first=90, last=80), None, None),
        (visits(5, first=10, last=1) + visits(15, first=90, last=80), PER_DAY, 24 * 60 - 80),
        (visits(20, first=100, last=100), PER_DAY, 24 * 60 - 100),
        (visits(20, first=100, last=24 * 60), None, None),
    ],
)
def test_five_new_ones_in_an_hour_and_twenty_in_a_day(known, limit, wait):
    assert spent_limit(known, NOW) == (limit and (limit, timedelta(minutes=wait)))


@given(st.lists(st.integers(min_value=0, max_value=3_000), max_size=40))
def test_after_the_wait_there_is_room_again_unless_the_other_limit_says_no(ages):
    known = [Visit(NOW - timedelta(minutes=age), NOW - timedelta(minutes=age)) for age in ages]
    spent = spent_limit(known, NOW)
    if spent is None:
        assert len([age for age in ages if age < 60]) < NEW_PER_HOUR.uses
        assert len([age for age in ages if age < 24 * 60]) < PER_DAY.uses
        return

    limit, wait = spent
    again = spent_limit(known, NOW + wait)
    assert timedelta() < wait <= limit.window
    assert again is None or again[0] is not limit or len(ages) > limit.uses
