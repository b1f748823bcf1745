"""Ids are unique and not to be guessed; those of mails tell when they were made, and nothing else."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

from portal.domain.ids import id_at, new_id

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_ids_of_one_moment_differ_by_more_than_anybody_tries():
    made = {id_at(NOON) for _ in range(1000)}

    assert len(made) == 1000
    assert len({each.int & (1 << 62) - 1 for each in made}) == 1000
    assert len({new_id() for _ in range(1000)}) == 1000


def test_what_was_made_later_is_larger_in_every_zone():
    later = NOON + timedelta(microseconds=1)
    elsewhere = later.astimezone(timezone(timedelta(hours=-9)))

    assert id_at(NOON) < id_at(later)
    assert id_at(NOON).hex < id_at(elsewhere).hex
    assert id_at(elsewhere).hex[:16] == id_at(later).hex[:16]


def test_it_is_a_uuid_of_the_seventh_version_with_its_milliseconds_in_front():
    made = id_at(NOON + timedelta(milliseconds=999, microseconds=999))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == (NOON.timestamp() * 1000) + 999
