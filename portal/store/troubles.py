"""Knows what it means when the database refuses: no room, no writing, nobody there, no turn. Nothing was done then."""

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from portal.domain.errors import Trouble, UnavailableError


class TakenAwayError(Exception):
    """A mail is not in these hands any more: nothing of this transaction may be committed."""


class CannotServeError(OperationalError, UnavailableError):
    """An error of the driver that is no bug of ours, with the trouble behind it."""


# https://www.sqlite.org/rescode.html: the primary code is the last byte.
_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.GONE,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: disk_full, read_only_sql_transaction,
# too_many_connections, serialization_failure, deadlock_detected, lock_not_available; class 08 is about connections,
# class 57P about a server that stops or starts.
_POSTGRES = {
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "53300": Trouble.GONE,
    "40001": Trouble.BUSY,
    "40P01": Trouble.BUSY,
    "55P03": Trouble.BUSY,
}
_GONE = ("08", "57P")
# What our own function says where a statement did not touch the one row that it had to (migration 0022).
_TAKEN_AWAY = "RT001"


def name_troubles(engine: Engine) -> None:
    """From now on errors of this engine that are troubles are CannotServeError."""
    event.listen(engine, "handle_error", _named, retval=True)


def trouble_of(error: BaseException | None) -> Trouble | None:
    """The trouble behind an error of a driver; None where it is something else."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    if isinstance(error, psycopg.OperationalError | psycopg.errors.ReadOnlySqlTransaction):
        state = error.sqlstate
        return Trouble.GONE if state is None or state.startswith(_GONE) else _POSTGRES.get(state)
    return None


def refusal(connection: Connection, error: Exception) -> DBAPIError | TakenAwayError:
    """What the toolkit would raise for an error that its driver raised at a statement of ours.

    A connection that turns out to be gone is used no more.
    """
    if _is_taken_away(error):
        return TakenAwayError()
    is_gone = connection.dialect.is_disconnect(error, connection.connection.driver_connection, None)  # type: ignore[arg-type]
    if is_gone:
        connection.invalidate(error)
    trouble = _trouble_at(connection, error)
    kind = OperationalError if isinstance(error, sqlite3.OperationalError | psycopg.OperationalError) else DBAPIError
    if trouble is None:
        return kind(None, None, error, hide_parameters=True, connection_invalidated=is_gone)
    return _cannot_serve(trouble, None, None, error, is_gone=is_gone)


def _named(context: ExceptionContext) -> BaseException | None:
    error, original = context.sqlalchemy_exception, context.original_exception
    if _is_taken_away(original):
        return TakenAwayError()
    trouble = _trouble_at(context.connection, original)
    if trouble is None or context.is_pre_ping or not isinstance(error, DBAPIError):
        return None
    return _cannot_serve(trouble, error.statement, error.params, original, is_gone=context.is_disconnect)


def _is_taken_away(error: BaseException) -> bool:
    return isinstance(error, psycopg.Error) and error.sqlstate == _TAKEN_AWAY


def _trouble_at(connection: Connection | None, original: BaseException) -> Trouble | None:
    trouble = trouble_of(original)
    if trouble is Trouble.READ_ONLY and not _writes(connection):
        return None  # whoever writes where he may only read has met a bug of ours
    return trouble


def _cannot_serve(
    trouble: Trouble, statement: str | None, values: Any, original: BaseException, *, is_gone: bool
) -> CannotServeError:
    named = CannotServeError(statement, values, original, hide_parameters=True, connection_invalidated=is_gone)
    named.trouble = trouble
    return named


def _writes(connection: Connection | None) -> bool:
    return connection is not None and connection.get_execution_options().get("portal.transaction") == "writing"
