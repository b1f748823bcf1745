"""Knows which statements the database was asked meanwhile, by the toolkit or as they were prepared."""

from contextlib import contextmanager

from sqlalchemy import event

from portal.store.db import db
from portal.store.prepared import Prepared

# What PostgreSQL is told besides, where the scope is another one.
_SAYING = ("SELECT portal_enter(", "SELECT set_config('portal.")


def says_scope(statement):
    return statement.startswith(_SAYING)


@contextmanager
def counting():
    """The statements of the block, as a list that grows."""
    asked = []
    with noting(asked.append):
        yield asked


@contextmanager
def noting(note, engine=None):
    """Have `note` called with each statement of the block, as it is asked; in which scope it is, is no question.

    `engine` is for whoever stands in no application; as a rule it is that of the application at hand.
    """

    def noted(_connection, _cursor, statement, *_rest):
        if not says_scope(statement):
            note(statement)

    def ready(prepared, session):
        compiled, opened = real(prepared, session)
        note(compiled.sql)
        return compiled, opened

    real, engine = Prepared._ready, engine or db.engine
    event.listen(engine, "before_cursor_execute", noted)
    Prepared._ready = ready
    try:
        yield
    finally:
        Prepared._ready = real
        event.remove(engine, "before_cursor_execute", noted)
