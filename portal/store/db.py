"""Knows the database: how times are kept, and the two kinds of transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, DateTime, Executable, MetaData, Table
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from portal.store.row_security import SYSTEM, Scope, scope_of, stand_in, standing_in
from portal.store.transaction import JoiningSession, Transaction, begin, end, go_on, keeping_connection, open_in, rest
from portal.store.writers import line_before

__all__ = ["SYSTEM", "Scope"]

T = TypeVar("T")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(
    model_class=Base,
    # Values never reach a traceback or a log through the database layer.
    engine_options={"hide_parameters": True},
    session_options={"class_": JoiningSession, "expire_on_commit": False, "autoflush": True},
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def table_of(model: type[Base]) -> Table:
    """The table of a class of rows, for statements that are executed `at_once`."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    return table


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC on the Python side; naive UTC in SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class DoomedError(RuntimeError):
    """Someone swallowed the failure of an inner block and tried to go on."""


# What a transaction asks for on PostgreSQL: to write alone, or beside others of its kind. The number is any that
# nobody else in this database uses.
_ALONE = "pg_advisory_xact_lock(1382378593)"
_BESIDE = "pg_advisory_xact_lock_shared(1382378593)"

_LASTS = "portal.lasts"


def unit_of_work(scope: Scope) -> AbstractContextManager[Session]:
    """All or nothing. Inner blocks join the outermost one, which alone commits.

    `scope` is the tenant in which the caller acts (the actor's own, never the one that was asked for), or `system`.
    PostgreSQL shows what lies in it and nothing else, and takes nothing else; SQLite ignores it. In an inner block
    SYSTEM lasts as long as that block; any other scope stays that of the outermost one.
    Writers wait for one another instead of losing updates: on SQLite the transaction takes the write lock at once
    (BEGIN IMMEDIATE) and they stand in a line, on PostgreSQL there is a lock of ours. Raises BusyError where that takes
    too long, and DoomedError when an inner failure was swallowed.
    """
    return _writing(scope, _ALONE)


def handing_in(scope: Scope) -> AbstractContextManager[Session]:
    """A unit of work that only adds rows: on PostgreSQL it waits for the others with its first question, not before."""
    return _writing(scope, _ALONE, at_once=False)


def beside_others(work: Callable[[Session], T]) -> T:
    """Do a short piece of delivery's writing in a unit of work. Returns what `work` returns.

    On PostgreSQL such pieces are done side by side, while nobody else writes. Rows that two of them could both touch
    have to be locked by `work`; where that is not enough it asks for `alone`, and is done again from the start.
    """
    try:
        with _writing(SYSTEM, _BESIDE) as session:
            return work(session)
    except _NotAloneError:
        with unit_of_work(SYSTEM) as session:
            return work(session)


def on_one_connection() -> AbstractContextManager[None]:
    """Transactions in here follow each other closely, and use one connection for as long as it holds."""
    return keeping_connection(db.session())


def alone(session: Session) -> None:
    """Go on only if nobody else writes. On SQLite, and in a unit of work, that is always so."""
    if current(session).is_beside:
        raise _NotAloneError


class _NotAloneError(Exception):
    """What was begun beside others has to be done alone."""


@contextmanager
def _writing(scope: Scope, lock: str, *, at_once: bool = True) -> Iterator[Session]:
    session: Session = db.session()
    opened = open_in(session)
    if opened is not None:
        with standing_in(session, scope):
            yield from _joined(session, opened)
        return
    _look_away(session)
    engine = db.engine
    with _in_line(engine):
        opened = begin(session, engine, "writing", scope, lock)
        opened.is_beside = lock is _BESIDE and opened.is_on_postgres
        try:
            if opened.is_on_postgres and at_once and not opened.is_beside:
                opened.send_what_waits()  # whoever writes alone is alone from here on
            yield session
            if opened.has_failed:
                raise DoomedError
            session.flush()
            opened.commit()
        finally:
            end(session, opened)
    for each in opened.afterwards:
        each()


def _joined(session: Session, opened: Transaction) -> Iterator[Session]:
    if opened.kind == "reading":
        raise RuntimeError("a write inside of a reading")
    try:
        yield session
    except BaseException:
        opened.has_failed = True
        raise
    if not opened.has_failed:
        session.flush()


def _in_line(engine: Engine) -> AbstractContextManager[None]:
    return line_before(engine).turn() if engine.dialect.name == "sqlite" else nullcontext()


@contextmanager
def reading(scope: Scope) -> Iterator[Session]:
    """Look, but change nothing: the database itself refuses writes. Never waits for a writer on SQLite."""
    session: Session = db.session()
    if open_in(session) is not None:
        with standing_in(session, scope):
            yield session
        return
    opened = go_on(session) or begin(session, db.engine, "reading", scope)
    lasts = False
    try:
        if scope_of(session) != scope:
            session.expunge_all()  # what one scope has read is no answer in another
            stand_in(session, scope)
        yield session
        lasts = _LASTS in session.info
        if not lasts:
            _see_off(opened)
    finally:
        if lasts:
            rest(session)
        else:  # what failed is not gone on with
            end(session, opened)


def begin_look() -> None:
    """From now on the readings of this context are one: they see one moment, and what one has read the next one knows.

    Each of them is shown what lies in its own scope, and knows what was read in the same one. A unit of work ends the
    look, and the reading after that looks anew. `end_look` ends it for good.
    """
    db.session().info[_LASTS] = True


def end_look() -> None:
    session: Session = db.session()
    session.info.pop(_LASTS, None)
    _look_away(session)


def _look_away(session: Session) -> None:
    resting = go_on(session)
    if resting is not None:
        try:
            _see_off(resting)
        finally:
            end(session, resting)


def _see_off(looked: Transaction) -> None:
    """A look that went well has changed nothing: it is committed.

    Whoever watches a server takes rollbacks for trouble (pg_stat_database.xact_rollback).
    """
    looked.commit()


def once(session: Session, key: object, find: Callable[[], T], *, scope: Scope | None = None) -> T:
    """What `find` returns. In a reading nothing changes, so there it is asked once for each key.

    An answer holds in the scope in which it was found: a wider one has rows that a narrower one is not shown. Whoever
    names another `scope` says that what he found would be found there, too.
    """
    opened = open_in(session)
    if opened is None or opened.kind == "writing":
        return find()
    place = scope or scope_of(session), key
    if place not in opened.seen:
        opened.seen[place] = find()
    found: T = opened.seen[place]
    return found


def afterwards(session: Session, what: Callable[[], None]) -> None:
    """Do something once the open transaction is committed, however often it is asked for; nothing where it is not."""
    current(session).afterwards[what] = None


def at_once(
    session: Session, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()
) -> CursorResult[Any]:
    """Execute a statement of the tables, past the objects: for what every mail passes through, at a fifth of the price.

    What objects wait to write is written first; those already read are not told of what the statement changes.
    """
    return current(session).connection.execute(statement, values or None)


def current(session: Session) -> Transaction:
    """The transaction that is open, after what objects wait to write was written. Raises RuntimeError without one."""
    opened = open_in(session)
    if opened is None:
        raise RuntimeError("outside of a transaction")
    if session.in_transaction():
        session.flush()
    return opened
