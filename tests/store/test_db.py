"""Two kinds of transaction, and one place that commits."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from portal.store.db import SYSTEM, DoomedError, reading, unit_of_work

ADD = text("INSERT INTO limits (key, since, count) VALUES (:key, '2026-03-02 09:00:00', 1)")
COUNT = text("SELECT count(*) FROM limits")


def add(session, key):
    session.execute(ADD, {"key": key})


def count():
    with reading(SYSTEM) as session:
        return session.scalar(COUNT)


def test_the_outermost_block_keeps_what_all_of_them_did(app):
    with unit_of_work(SYSTEM) as outer:
        add(outer, "a")
        with unit_of_work(SYSTEM) as inner:
            add(inner, "b")
    assert count() == 2


def test_an_inner_block_does_not_keep_what_the_outer_one_loses(app):
    with pytest.raises(RuntimeError, match="lost"), unit_of_work(SYSTEM):
        with unit_of_work(SYSTEM) as inner:
            add(inner, "b")
        raise RuntimeError("lost")
    assert count() == 0


def test_a_swallowed_inner_failure_cannot_be_committed_around(app):
    with pytest.raises(DoomedError), unit_of_work(SYSTEM) as outer:
        add(outer, "a")
        with pytest.raises(RuntimeError), unit_of_work(SYSTEM):
            raise RuntimeError
    assert count() == 0


def test_a_reading_cannot_write_even_by_accident(app):
    with pytest.raises(OperationalError, match="readonly"), reading(SYSTEM) as session:
        add(session, "a")
    with unit_of_work(SYSTEM) as session:
        add(session, "b")
    assert count() == 1


def test_nobody_begins_to_write_inside_of_a_reading(app):
    with reading(SYSTEM), pytest.raises(RuntimeError), unit_of_work(SYSTEM):
        pass


def test_the_database_itself_keeps_references_whole(app):
    with pytest.raises(IntegrityError), unit_of_work(SYSTEM) as session:
        session.execute(text("INSERT INTO one_time_links VALUES ('0', '1', 'x', 'x', '2026-01-01', '2026-01-01')"))


def test_sqlite_keeps_every_commit_and_lets_readers_go_on(app):
    with reading(SYSTEM) as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
