"""Knows how connections are made ready for the two kinds of transaction, on SQLite and on PostgreSQL."""

import select
import sqlite3
import time
from typing import Any

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import PoolProxiedConnection

from portal.store import row_security
from portal.store.troubles import name_troubles, refusal
from portal.store.wire import wire_of
from portal.store.writers import ASKS_ANEW, begin_to_write

# Whether a connection was asked for by a "reading" or by "writing"; and what PostgreSQL is told before all else, in
# the same round trip as BEGIN.
KIND, FIRST = "portal.transaction", "portal.first"
_RESTED_SINCE = "portal.rested_since"
# After one of these the driver has the server throw away whatever is prepared.
_THROWS_AWAY = ("ALTER", "DROP", "ROLLBACK", "DISCARD", "DEALLOCATE")
_LONGEST = max(map(len, _THROWS_AWAY))
# After so long a rest the server is asked whether it is still there. One that ended its connection is noticed at once.
_LONG_REST = 1.0  # seconds

_USUALLY_WAITS = 5000  # milliseconds, for whoever does not say what for
# What is deleted is overwritten (`secure_delete`): a shredded key is not to be found in what is left of its page.
_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")


def prepare_engine(engine: Engine) -> None:
    """Teach an engine the two kinds of transaction, and the names of troubles."""
    name_troubles(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        row_security.refuse_who_sees_past(engine)
        event.listen(engine, "connect", _leave_beginning_to_us)
        event.listen(engine, "begin", _begin_on_postgres)
        event.listen(engine, "checkin", _rest)
        event.listen(engine, "checkout", _wake)
        event.listen(engine, "before_cursor_execute", _send_what_waits)
        engine.dialect.do_commit = _commit_on_postgres  # type: ignore[method-assign]
        engine.dialect.do_rollback = _roll_back_on_postgres  # type: ignore[method-assign]


def _leave_beginning_to_us(driver: psycopg.Connection[Any], _record: object) -> None:
    driver.autocommit = True


def _begin_on_postgres(connection: Connection) -> None:
    """Look at one moment throughout a reading, as on SQLite. Each statement sees what was committed before it.

    It begins with what is asked first.
    """
    options = connection.get_execution_options()
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" if options.get(KIND) == "reading" else "BEGIN"
    first = options.get(FIRST, ())
    if row_security.sees_everything(connection):
        first = row_security.entering(row_security.SYSTEM)
    try:
        wire_of(connection.connection).begin((begin,), *first)
    except psycopg.Error as error:
        raise refusal(connection, error) from error


def _send_what_waits(
    connection: Connection, _cursor: object, statement: str, _values: object, _context: object, _many: object
) -> None:
    """What the toolkit executes goes past the wire."""
    wire = wire_of(connection.connection)
    try:
        wire.send()
    except psycopg.Error as error:
        raise refusal(connection, error) from error
    if statement.lstrip()[:_LONGEST].upper().startswith(_THROWS_AWAY):
        wire.forget_what_is_known()


def _commit_on_postgres(dbapi_connection: PoolProxiedConnection) -> None:
    wire_of(dbapi_connection).commit()


def _roll_back_on_postgres(dbapi_connection: PoolProxiedConnection) -> None:
    wire_of(dbapi_connection).roll_back()


def begin_rest(connection: Connection) -> None:
    """Nobody asks anything through a connection from now on, until `is_there`."""
    connection.info[_RESTED_SINCE] = time.monotonic()


def is_there(connection: Connection) -> bool:
    """Whether a connection that has rested still has its other end; a file never hangs up."""
    driver: Any = connection.connection.driver_connection
    return connection.dialect.name == "sqlite" or _is_there(driver, connection.info.get(_RESTED_SINCE))


def _rest(_driver: object, record: Any) -> None:
    record.info[_RESTED_SINCE] = time.monotonic()


def _wake(driver: Any, record: Any, _proxy: object) -> None:
    """Ask for another connection instead of one that the server has ended."""
    if not _is_there(driver, record.info.get(_RESTED_SINCE)):
        raise InvalidatePoolError


def _is_there(driver: Any, since: float | None) -> bool:
    """A server that ends a connection says so before it hangs up."""
    if since is None or (time.monotonic() < since + _LONG_REST and not _was_told_something(driver)):
        return True
    try:
        driver.execute("")
    except psycopg.Error:
        return False
    return True


def _was_told_something(driver: Any) -> bool:
    if driver.closed:
        return True
    waiting = select.poll()
    waiting.register(driver.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver starts no transaction of its own; `_begin_on_sqlite` does
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_sqlite(connection: Connection) -> None:
    kind = connection.get_execution_options().get(KIND)
    driver: Any = connection.connection.driver_connection  # past the toolkit: no statement that anybody counts
    try:
        if connection.info.get(KIND) != kind:  # it holds until it is told otherwise
            driver.execute(f"PRAGMA query_only={'ON' if kind == 'reading' else 'OFF'}")
            driver.execute(f"PRAGMA busy_timeout={ASKS_ANEW if kind == 'writing' else _USUALLY_WAITS}")
            connection.info[KIND] = kind
        if kind == "writing":
            begin_to_write(driver)
        else:
            driver.execute("BEGIN")
    except sqlite3.Error as error:
        raise refusal(connection, error) from error
