"""Transactions that follow each other closely use one connection, and nothing of one is left in the next."""

import pytest
from sqlalchemy import event, text

from portal.store import engines
from portal.store.db import SYSTEM, alone, beside_others, db, on_one_connection, reading, unit_of_work
from portal.store.presence import Presence

ADD = text("INSERT INTO limits (key, since, count) VALUES (:key, '2026-03-02 09:00:00', 1)")
KEYS, WHO = text("SELECT key FROM limits ORDER BY key"), text("SELECT pg_backend_pid()")


@pytest.fixture
def asked(app):
    """How often the pool was asked for a connection, one entry each time."""
    times = []

    def note(*_):
        times.append(1)

    event.listen(db.engine, "checkout", note)
    yield times
    event.remove(db.engine, "checkout", note)


def add(key):
    with unit_of_work(SYSTEM) as session:
        session.execute(ADD, {"key": key})


def keys():
    with reading(SYSTEM) as session:
        return list(session.scalars(KEYS))


def test_transactions_that_follow_each_other_closely_ask_the_pool_once(asked):
    with on_one_connection():
        add("a")
        beside_others(lambda session: session.execute(ADD, {"key": "b"}))
        assert keys() == ["a", "b"]
        assert (len(asked), db.engine.pool.checkedout()) == (1, 1)
    assert db.engine.pool.checkedout() == 0

    assert keys() == ["a", "b"]
    assert len(asked) == 2


def test_a_run_inside_of_a_run_is_a_part_of_it(asked):
    with on_one_connection():
        with on_one_connection():
            add("a")
        add("b")
    assert (len(asked), db.engine.pool.checkedout()) == (1, 0)


def test_a_transaction_that_failed_leaves_nothing_to_the_next(asked):
    with on_one_connection():
        add("a")
        with pytest.raises(LookupError), unit_of_work(SYSTEM) as session:
            session.execute(ADD, {"key": "b"})
            raise LookupError
        add("c")
        assert keys() == ["a", "c"]
    assert db.engine.pool.checkedout() == 0


def test_what_has_to_be_done_alone_after_all_is_done_from_the_start(asked):
    def work(session):
        session.execute(ADD, {"key": "a"})
        alone(session)

    with on_one_connection():
        beside_others(work)
        assert keys() == ["a"]


def test_a_connection_is_given_back_by_whoever_failed(asked):
    with pytest.raises(LookupError), on_one_connection():
        add("a")
        raise LookupError
    assert db.engine.pool.checkedout() == 0


@pytest.mark.parametrize("rests_long", [False, True])
def test_a_server_that_hung_up_between_two_transactions_is_met_by_neither(app, monkeypatch, rests_long):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("a file hangs up on nobody")
    if rests_long:  # then the server is asked, whether it has said goodbye or not
        monkeypatch.setattr(engines, "_LONG_REST", 0.0)
        monkeypatch.setattr(engines, "_was_told_something", lambda _driver: False)
    with on_one_connection():
        with unit_of_work(SYSTEM) as session:
            ended = session.scalar(WHO)
        with Presence(db.engine)._connect() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (ended,))

        add("a")
        assert keys() == ["a"]
    assert db.engine.pool.checkedout() == 0
