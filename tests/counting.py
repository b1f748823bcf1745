"""Knows which statements the database was asked meanwhile."""

from contextlib import contextmanager

from sqlalchemy import event

from portal.store.db import db


@contextmanager
def counting():
    """The statements of the block, as a list that grows."""
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
