"""Whoever writes waits for his turn; whoever waits too long is told, and nothing of what he asked is done."""

import threading
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from portal.domain.errors import BusyError, Trouble, UnavailableError
from portal.store import writers
from portal.store.db import SYSTEM, db, reading, unit_of_work
from portal.store.writers import Line

WRITE = text("INSERT INTO limits (key, since, count) VALUES (:key, '2026-03-02 09:00:00', 0)")
COUNT = text("SELECT count(*) FROM limits")


@contextmanager
def somebody_elses_turn(line):
    """As long as it is open, a thread of its own has the turn."""
    has_begun, may_end = threading.Event(), threading.Event()

    def write():
        with line.turn():
            has_begun.set()
            may_end.wait(20)

    thread = threading.Thread(target=write)
    thread.start()
    has_begun.wait(20)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def test_whoever_came_first_goes_first():
    line, order = Line(), []

    def write(number):
        with line.turn():
            order.append(number)

    with somebody_elses_turn(line):
        threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
        for number, thread in enumerate(threads):
            thread.start()
            while len(line._waiting) <= number:
                pass
    for thread in threads:
        thread.join()

    assert order == list(range(16))


def test_whoever_waits_too_long_leaves_the_line_and_the_others_go_on(monkeypatch):
    line = Line()
    monkeypatch.setattr(writers, "PATIENCE", 0.01)
    with somebody_elses_turn(line), pytest.raises(BusyError), line.turn():
        pass
    monkeypatch.undo()

    with line.turn():
        assert not line._waiting


def test_what_fails_in_its_turn_gives_the_turn_back():
    line = Line()
    with pytest.raises(ZeroDivisionError), line.turn():
        raise ZeroDivisionError

    with line.turn():
        pass


@pytest.mark.skipif("config.getoption('--database') != 'sqlite'", reason="about SQLite's one writer")
def test_sixteen_writers_of_one_process_are_all_served(app):
    told = Counter()

    def write(number):
        with app.app_context():
            for piece in range(20):
                try:
                    with unit_of_work(SYSTEM) as session:
                        session.execute(WRITE, {"key": f"{number}-{piece}"})
                    told["done"] += 1
                except UnavailableError as refused:
                    told[refused.trouble] += 1
            db.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == {"done": 320}


def test_another_process_that_writes_for_too_long_is_told_as_busy_and_nothing_is_done(somebody_writes):
    with somebody_writes():
        with pytest.raises(UnavailableError) as refused, unit_of_work(SYSTEM) as session:
            session.execute(WRITE, {"key": "x"})
        with reading(SYSTEM) as session:
            assert session.scalar(COUNT) == 0

    assert refused.value.trouble is Trouble.BUSY
    with unit_of_work(SYSTEM) as session:
        session.execute(WRITE, {"key": "x"})
