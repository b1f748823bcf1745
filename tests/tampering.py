"""Knows how somebody changes an audit log who has the whole database, triggers and all, but not the keys."""

from contextlib import contextmanager

from sqlalchemy import text

from portal.store.db import db

_GUARDS = tuple(
    (f"audit_{table}_{which}", f"audit_{table}") for table in ("events", "heads") for which in ("stay", "last", "once")
)


@contextmanager
def unguarded():
    """A connection on which the database refuses nothing; what is done on it stays."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name, _table in _GUARDS:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection


def tamper(statement, **values):
    with unguarded() as connection:
        return connection.execute(text(statement), values)
