"""That somebody wrote is told by SQLite itself, whoever it was; that somebody looked is not told."""

import sqlite3
from contextlib import closing

import pytest

from portal.store import snapshots, tenants
from portal.store.changes import Changes
from portal.store.db import SYSTEM, reading, unit_of_work


@pytest.fixture
def changes(cast):
    if snapshots.place() is None:
        pytest.skip("PostgreSQL tells what is new by itself")
    changes = Changes()
    yield changes
    changes.close()


def test_before_the_first_mark_and_after_the_end_nobody_can_tell(changes):
    assert changes.are_there()
    changes.mark()
    assert not changes.are_there()
    changes.close()
    assert changes.are_there()


def test_what_this_process_commits_is_a_change_until_the_next_mark(cast, changes):
    changes.mark()
    with unit_of_work(SYSTEM) as session:
        tenants.get_row(session, cast.sue.tenant.id).name = "Renamed"
    assert changes.are_there()
    assert changes.are_there()

    changes.mark()
    assert not changes.are_there()


def test_what_another_process_commits_is_a_change(changes):
    changes.mark()
    with closing(sqlite3.connect(snapshots.place())) as other:
        other.execute("UPDATE tenants SET name = name || '!'")
        assert not changes.are_there()
        other.commit()

    assert changes.are_there()


def test_looking_is_none_and_neither_is_what_was_given_up(cast, changes):
    changes.mark()
    with reading(SYSTEM) as session:
        tenants.get(session, cast.sue.tenant.id)
    with pytest.raises(ZeroDivisionError), unit_of_work(SYSTEM) as session:
        tenants.get_row(session, cast.sue.tenant.id).name = "Renamed"
        session.flush()
        raise ZeroDivisionError

    assert not changes.are_there()


def test_a_database_that_cannot_be_asked_may_have_changed(changes):
    changes.mark()
    changes._connection.close()

    assert changes.are_there()
