"""Knows how connections are made ready for the two kinds of transaction, on SQLite and on PostgreSQL."""

from typing import Any

from psycopg import IsolationLevel
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from portal.store import row_security
from portal.store.troubles import name_troubles
from portal.store.writers import begin_to_write

# Whether a connection was asked for by a "reading" or by "writing".
KIND = "portal.transaction"
_ONLY_READS = "portal.only_reads"

# What is deleted is overwritten (`secure_delete`): a shredded key is not to be found in what is left of its page.
_PRAGMAS = ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")


def prepare_engine(engine: Engine) -> None:
    """Teach an engine the two kinds of transaction, and the names of troubles."""
    name_troubles(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        row_security.refuse_who_sees_past(engine)
        event.listen(engine, "begin", _begin_on_postgres)


def _begin_on_postgres(connection: Connection) -> None:
    """Look at one moment throughout a reading, as on SQLite. The driver says so along with its BEGIN."""
    only_reads = connection.get_execution_options().get(KIND) == "reading"
    driver: Any = connection.connection.driver_connection
    if driver.read_only is not only_reads:
        driver.read_only = only_reads
        driver.isolation_level = IsolationLevel.REPEATABLE_READ if only_reads else IsolationLevel.READ_COMMITTED
    row_security.begin(connection)


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver starts no transaction of its own; `_begin_on_sqlite` does
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_sqlite(connection: Connection) -> None:
    kind = connection.get_execution_options().get(KIND)
    only_reads = kind == "reading"
    if connection.info.get(_ONLY_READS) is not only_reads:  # it holds until it is told otherwise
        driver: Any = connection.connection.driver_connection  # no statement that anybody counts
        driver.execute(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
        connection.info[_ONLY_READS] = only_reads
    if kind == "writing":
        begin_to_write(connection)
    else:
        connection.exec_driver_sql("BEGIN")
