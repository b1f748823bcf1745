"""Knows what it means when the database refuses: no room, no writing, nobody there. Whatever was asked was not done."""

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from portal.domain.errors import Trouble, UnavailableError


class CannotServeError(OperationalError, UnavailableError):
    """An error of the driver that is no bug of ours, with the trouble behind it."""


# https://www.sqlite.org/rescode.html: the primary code is the last byte.
_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.GONE,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: disk_full, read_only_sql_transaction,
# too_many_connections; class 08 is about connections, class 57P about a server that stops or starts.
_POSTGRES = {"53100": Trouble.FULL, "25006": Trouble.READ_ONLY, "53300": Trouble.GONE}
_GONE = ("08", "57P")


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


def _named(context: ExceptionContext) -> BaseException | None:
    error, trouble = context.sqlalchemy_exception, trouble_of(context.original_exception)
    if trouble is None or context.is_pre_ping or not isinstance(error, DBAPIError):
        return None
    if trouble is Trouble.READ_ONLY and not _writes(context):
        return None  # whoever writes where he may only read has met a bug of ours
    original: Any = context.original_exception
    named = CannotServeError(
        error.statement,
        error.params,
        original,
        hide_parameters=True,
        connection_invalidated=context.is_disconnect,
    )
    named.trouble = trouble
    return named


def _writes(context: ExceptionContext) -> bool:
    connection = context.connection
    return connection is not None and connection.get_execution_options().get("portal.transaction") == "writing"
