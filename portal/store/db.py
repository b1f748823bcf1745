"""Knows the database: how times are kept, and the two kinds of transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, CursorResult, DateTime, Executable, MetaData, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from portal.store.engines import FIRST, KIND
from portal.store.row_security import SYSTEM, Scope, begin_in, entering, leave, scope_of, stand_in, standing_in
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
    session_options={"expire_on_commit": False, "autoflush": True},
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
_ALONE = "SELECT pg_advisory_xact_lock(1382378593)"
_BESIDE = "SELECT pg_advisory_xact_lock_shared(1382378593)"

_STATE = "portal.transaction"
_AFTERWARDS = "portal.afterwards"
_IS_BESIDE = "portal.is_beside"
_CONNECTION = "portal.connection"
_SEEN = "portal.seen"
_SEES_BY = "portal.sees_by"
_LASTS = "portal.lasts"


@contextmanager
def unit_of_work(scope: Scope) -> Iterator[Session]:
    """All or nothing. Inner blocks join the outermost one, which alone commits.

    `scope` is the tenant in which the caller acts (the actor's own, never the one that was asked for), or `system`.
    PostgreSQL shows what lies in it and nothing else, and takes nothing else; SQLite ignores it. In an inner block
    SYSTEM lasts as long as that block; any other scope stays that of the outermost one.
    Writers wait for one another instead of losing updates: on SQLite the transaction takes the write lock at once
    (BEGIN IMMEDIATE) and they stand in a line, on PostgreSQL there is a lock of ours. Raises BusyError where that takes
    too long, and DoomedError when an inner failure was swallowed.
    """
    with _writing(scope, _ALONE) as session:
        yield session


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


def alone(session: Session) -> None:
    """Go on only if nobody else writes. On SQLite, and in a unit of work, that is always so."""
    if session.info[_IS_BESIDE]:
        raise _NotAloneError


class _NotAloneError(Exception):
    """What was begun beside others has to be done alone."""


@contextmanager
def _writing(scope: Scope, lock: str) -> Iterator[Session]:
    session: Session = db.session()
    if _STATE in session.info:
        with standing_in(session, scope), _joined(session) as inner:
            yield inner
        return
    with _in_line(), _transaction(session, "writing", scope, lock):
        session.info[_IS_BESIDE] = lock is _BESIDE and session.info[_CONNECTION].dialect.name == "postgresql"
        yield session
        if session.info[_STATE] == "failed":
            raise DoomedError
        session.commit()
        promised = session.info[_AFTERWARDS]
    for each in promised:
        each()


def _in_line() -> AbstractContextManager[None]:
    engine = db.engine
    return line_before(engine).turn() if engine.dialect.name == "sqlite" else nullcontext()


@contextmanager
def reading(scope: Scope) -> Iterator[Session]:
    """Look, but change nothing: the database itself refuses writes. Never waits for a writer on SQLite."""
    session: Session = db.session()
    if _STATE in session.info:
        with standing_in(session, scope):
            yield session
        return
    with _going_on(session, scope) if _LASTS in session.info else _transaction(session, "reading", scope):
        if scope_of(session) != scope:
            session.expunge_all()  # what one scope has read is no answer in another
            stand_in(session, scope)
        yield session


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


def once(session: Session, key: object, find: Callable[[], T], *, scope: Scope | None = None) -> T:
    """What `find` returns. In a reading nothing changes, so there it is asked once for each key.

    An answer holds in the scope in which it was found: a wider one has rows that a narrower one is not shown. Whoever
    names another `scope` says that what he found would be found there, too.
    """
    seen: dict[object, T] | None = session.info.get(_SEEN)
    if seen is None:
        return find()
    place = scope or scope_of(session), key
    if place not in seen:
        seen[place] = find()
    return seen[place]


def afterwards(session: Session, what: Callable[[], None]) -> None:
    """Do something once the open transaction is committed, however often it is asked for; nothing where it is not."""
    session.info[_AFTERWARDS][what] = None


def at_once(
    session: Session, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()
) -> CursorResult[Any]:
    """Execute a statement of the tables, past the objects: for what every mail passes through, at a fifth of the price.

    What objects wait to write is written first; those already read are not told of what the statement changes.
    """
    return connection_of(session).execute(statement, values or None)


def connection_of(session: Session) -> Connection:
    """The connection of the open transaction, after what objects wait to write was written."""
    session.flush()
    connection: Connection = session.info[_CONNECTION]
    return connection


@contextmanager
def _transaction(session: Session, kind: str, scope: Scope, *locks: str) -> Iterator[None]:
    _look_away(session)
    session.info.update({_STATE: kind, _AFTERWARDS: {}, _IS_BESIDE: False})
    if kind == "reading":
        session.info[_SEEN] = {}
    has_looked = False
    try:
        session.info[_CONNECTION] = _begun(session, kind, scope, *locks)
        yield
        has_looked = kind == "reading"
    finally:
        for name in (_STATE, _AFTERWARDS, _IS_BESIDE, _CONNECTION, _SEEN):
            session.info.pop(name, None)
        _end(session, has_looked=has_looked)


def _end(session: Session, *, has_looked: bool) -> None:
    """A look that went well has changed nothing: it is committed.

    After a rollback the driver of PostgreSQL forgets whatever was prepared, and the server plans each statement anew.
    """
    leave(session)
    session.expunge_all()
    try:
        if has_looked:
            session.commit()
    finally:
        session.rollback()  # nothing is left of a commit that failed either


def _begun(session: Session, kind: str, scope: Scope, *locks: str) -> Connection:
    """The scope is said behind the lock: nobody moves companies meanwhile."""
    connection = session.connection(execution_options={KIND: kind, FIRST: (*locks, entering(scope))})
    begin_in(session, scope)
    return connection


@contextmanager
def _going_on(session: Session, scope: Scope) -> Iterator[None]:
    """A reading that goes on where the one before stopped; what failed is not gone on with."""
    session.info.update({_STATE: "reading", _AFTERWARDS: {}, _IS_BESIDE: False})
    try:
        if _SEEN not in session.info:
            session.info[_SEES_BY] = _begun(session, "reading", scope)
            session.info[_SEEN] = {}
        session.info[_CONNECTION] = session.info[_SEES_BY]
        yield
    except BaseException:
        session.info[_SEEN] = {}
        _look_away(session, has_looked=False)
        raise
    finally:
        for name in (_STATE, _AFTERWARDS, _IS_BESIDE, _CONNECTION):
            session.info.pop(name, None)


def _look_away(session: Session, *, has_looked: bool = True) -> None:
    if session.info.pop(_SEEN, None) is not None:
        session.info.pop(_SEES_BY, None)
        _end(session, has_looked=has_looked)


@contextmanager
def _joined(session: Session) -> Iterator[Session]:
    if session.info[_STATE] == "reading":
        raise RuntimeError("a write inside of a reading")
    try:
        yield session
    except BaseException:
        session.info[_STATE] = "failed"
        raise
    if session.info[_STATE] == "writing":
        session.flush()
