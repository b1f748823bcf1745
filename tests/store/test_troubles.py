"""What the database cannot do has a name; what is our own bug keeps its own."""

import os
import sqlite3
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.domain.errors import Trouble, UnavailableError
from portal.store import room
from portal.store.db import SYSTEM, db, reading, unit_of_work
from portal.store.troubles import trouble_of

WRITE = text("INSERT INTO limits (key, since, count) VALUES (:key, '2026-03-02 09:00:00', 0)")


def full(connection):
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


@pytest.mark.skipif("config.getoption('--database') != 'sqlite'", reason="about SQLite's own limit")
def test_a_full_disk_is_told_as_such_and_takes_nothing_of_what_was_asked(app):
    with pytest.raises(UnavailableError) as refused, unit_of_work(SYSTEM) as session:
        full(session.connection())
        for number in range(10_000):
            session.execute(WRITE, {"key": f"{number}" * 20})

    assert refused.value.trouble is Trouble.FULL
    assert isinstance(refused.value, SQLAlchemyError)
    db.engine.dispose()  # the limit was this connection's
    with unit_of_work(SYSTEM) as session:
        assert session.scalar(text("SELECT count(*) FROM limits")) == 0
        session.execute(WRITE, {"key": "there is room again"})


def test_a_write_in_a_reading_is_a_bug_and_no_trouble(app):
    with pytest.raises(SQLAlchemyError) as refused, reading(SYSTEM) as session:
        session.execute(WRITE, {"key": "x"})

    assert not isinstance(refused.value, UnavailableError)


@pytest.mark.skipif("config.getoption('--database') != 'sqlite'", reason="about a file")
def test_a_file_that_cannot_be_opened_is_a_database_that_is_gone(app, tmp_path):
    db.engine.dispose()
    (tmp_path / "portal.db").rename(tmp_path / "elsewhere.db")
    (tmp_path / "portal.db").mkdir()
    with pytest.raises(UnavailableError) as refused, reading(SYSTEM):
        pass

    assert refused.value.trouble is Trouble.GONE


def sqlite_error(code):
    error = sqlite3.OperationalError("as SQLite words it")
    error.sqlite_errorcode = code
    return error


class PostgresError(psycopg.OperationalError):
    def __init__(self, state):
        super().__init__()
        self.sqlstate = state


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), Trouble.FULL),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), Trouble.READ_ONLY),
        (sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY), Trouble.READ_ONLY),
        (sqlite_error(sqlite3.SQLITE_BUSY), Trouble.BUSY),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), Trouble.BUSY),
        (sqlite_error(sqlite3.SQLITE_LOCKED), Trouble.BUSY),
        (sqlite_error(sqlite3.SQLITE_ERROR), None),
        (PostgresError("53100"), Trouble.FULL),
        (PostgresError("57P01"), Trouble.GONE),
        (PostgresError("08006"), Trouble.GONE),
        (PostgresError(None), Trouble.GONE),
        (PostgresError("40001"), Trouble.BUSY),
        (PostgresError("40P01"), Trouble.BUSY),
        (PostgresError("55P03"), Trouble.BUSY),
        (PostgresError("23505"), None),
        (ZeroDivisionError(), None),
    ],
)
def test_errors_of_both_databases_are_read_by_their_codes(error, trouble):
    assert trouble_of(error) is trouble


@pytest.mark.parametrize(
    ("free", "flags", "trouble"),
    [(10_000, 0, None), (255, 0, Trouble.FULL), (256, 0, None), (10_000, os.ST_RDONLY, Trouble.READ_ONLY)],
)
def test_less_than_a_mebibyte_is_no_room(monkeypatch, tmp_path, free, flags, trouble):
    disk = SimpleNamespace(f_bavail=free, f_frsize=4096, f_flag=flags)
    monkeypatch.setattr(os, "statvfs", lambda _folder: disk)

    assert room.trouble_in([tmp_path]) is trouble


def test_a_folder_that_is_not_there_yet_is_no_trouble(tmp_path):
    assert room.trouble_in([tmp_path / "journal"]) is None
