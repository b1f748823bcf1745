"""Knows how somebody changes an audit log who has the whole database, triggers and all, but not the keys."""

from contextlib import contextmanager

from sqlalchemy import NullPool, create_engine, text

from portal.store.db import db

_GUARDS = tuple(
    (f"audit_{table}_{which}", f"audit_{table}") for table in ("events", "heads") for which in ("stay", "last", "once")
)


@contextmanager
def unguarded():
    """A connection on which the database refuses nothing; what is done on it stays."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as connection:
            for name, _table in _GUARDS:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            yield connection
        return
    superuser = create_engine(db.engine.url.update_query_dict({"user": "postgres"}), poolclass=NullPool)
    with superuser.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection


def tamper(statement, **values):
    with unguarded() as connection:
        return connection.execute(text(statement), values)
