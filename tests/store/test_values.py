"""What goes into a driver and comes out of it is the same as the toolkit would make of it."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Uuid
from sqlalchemy.dialects import sqlite

from portal.store.db import UtcTime
from portal.store.values import reader, writer

DIALECT = sqlite.dialect()
BERLIN = timezone(timedelta(hours=1))
TIMES = [
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 2, 30, 0, 7, tzinfo=BERLIN),
    datetime(1, 1, 2, tzinfo=BERLIN),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]


@pytest.mark.parametrize("time", TIMES)
def test_a_time_is_written_as_the_toolkit_writes_it_and_read_as_the_same(time):
    kind = UtcTime()
    text = writer(kind, DIALECT)(time)
    assert text == kind.dialect_impl(DIALECT).bind_processor(DIALECT)(time)
    told = reader(kind, DIALECT, None)(text)
    assert (told, told.tzinfo) == (time, UTC)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        writer(UtcTime(), DIALECT)(datetime(2026, 3, 29))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("given", [UUID(int=0), UUID(int=2**128 - 1), uuid4()])
def test_an_id_is_read_as_the_same_id(given):
    kind = Uuid()
    text = writer(kind, DIALECT)(given)
    read = reader(kind, DIALECT, None)(text)
    assert (read, hash(read), str(read), read.is_safe) == (given, hash(given), str(given), UUID(text).is_safe)


@pytest.mark.parametrize("kind", [UtcTime(), Uuid()])
def test_nothing_is_written_as_nothing(kind):
    assert writer(kind, DIALECT)(None) is None
