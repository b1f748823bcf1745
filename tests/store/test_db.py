"""Two kinds of transaction, and one place that commits."""

import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from portal.store.db import SYSTEM, DoomedError, alone, beside_others, db, reading, unit_of_work
from portal.store.limits import LimitRow
from portal.store.outbox import RecipientRow

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
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), reading(SYSTEM) as session:
        add(session, "a")
    with unit_of_work(SYSTEM) as session:
        add(session, "b")
    assert count() == 1


def test_nobody_begins_to_write_inside_of_a_reading(app):
    with reading(SYSTEM), pytest.raises(RuntimeError), unit_of_work(SYSTEM):
        pass


def test_the_database_itself_keeps_references_whole(app):
    of_nothing = RecipientRow(
        id=uuid4(), message_id=uuid4(), address="", name="", state="", code="", reply="", next_at=datetime.now(UTC)
    )
    of_nothing.attempts = of_nothing.crash_count = of_nothing.uncertain_count = 0
    with pytest.raises(IntegrityError), unit_of_work(SYSTEM) as session:
        session.add(of_nothing)


def test_sqlite_keeps_every_commit_and_lets_readers_go_on(app):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("this is about SQLite")
    with reading(SYSTEM) as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_reading_sees_one_moment_and_a_writing_the_latest(app):
    with reading(SYSTEM) as session:
        before = session.scalar(COUNT)
        elsewhere(lambda: added("a"))
        assert session.scalar(COUNT) == before
    assert count() == before + 1


def test_writers_wait_for_one_another(app):
    with unit_of_work(SYSTEM) as session:
        other = begin_elsewhere(lambda: added("b"))
        with pytest.raises(TimeoutError):
            other.result(timeout=0.2)
        add(session, "a")
    other.result(timeout=5)

    assert count() == 2


def test_pieces_of_delivery_wait_for_whoever_writes_alone(app):
    with unit_of_work(SYSTEM) as session:
        other = begin_elsewhere(lambda: beside_others(lambda beside: add(beside, "b")))
        with pytest.raises(TimeoutError):
            other.result(timeout=0.2)
        add(session, "a")
    other.result(timeout=5)

    assert count() == 2


def test_what_cannot_be_done_beside_others_is_done_again_alone(app):
    tries = []

    def work(session):
        tries.append(len(tries))
        add(session, "a")
        alone(session)
        return "done"

    assert beside_others(work) == "done"
    assert len(tries) == (2 if db.engine.dialect.name == "postgresql" else 1)
    assert count() == 1


def added(key):
    with unit_of_work(SYSTEM) as session:
        add(session, key)


def elsewhere(work):
    begin_elsewhere(work).result(timeout=5)


def begin_elsewhere(work):
    """Do something in another thread, with a connection of its own."""
    app, done = current_app._get_current_object(), Future()

    def run():
        with app.app_context():
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                done.set_exception(error)
            finally:
                db.session.remove()

    threading.Thread(target=run).start()
    return done


def test_an_hour_that_comes_twice_is_kept_as_two_moments(app):
    """The clocks of Vienna go back on 25 October 2026: half past two is there twice, an hour apart."""
    vienna = ZoneInfo("Europe/Vienna")
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=vienna, fold=fold) for fold in (0, 1)]
    with unit_of_work(SYSTEM) as session:
        for number, moment in enumerate(twice):
            session.add(LimitRow(key=str(number), since=moment, count=1))
    with reading(SYSTEM) as session:
        kept = [session.get(LimitRow, str(number)).since for number in range(2)]

    assert kept == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]


def test_a_time_without_a_zone_is_not_kept(app):
    with pytest.raises(StatementError, match="without a zone"), unit_of_work(SYSTEM) as session:
        session.add(LimitRow(key="a", since=datetime(2026, 10, 25, 2, 30), count=1))  # noqa: DTZ001 - the point
        session.flush()
