"""Knows the transaction that a session has open: its connection, what is promised for afterwards, what was seen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from flask_sqlalchemy.session import Session as _FlaskSession
from sqlalchemy import Connection
from sqlalchemy.engine import Engine, RootTransaction
from sqlalchemy.orm import Session

from portal.store.engines import FIRST, KIND, begin_rest, is_there
from portal.store.row_security import Scope, begin_in, entering, leave
from portal.store.troubles import refusal
from portal.store.wire import Wire, wire_of

Kind = Literal["reading", "writing"]

_OPEN, _RESTING, _KEPT = "portal.open", "portal.resting", "portal.kept"


@dataclass(slots=True, eq=False)
class Transaction:
    """It belongs to a connection; the session joins it where objects are used, and costs nothing where they are not."""

    kind: Kind
    connection: Connection
    root: RootTransaction
    dialect: str
    driver_error: type[Exception]
    is_beside: bool = False
    is_committed: bool = False
    has_failed: bool = False
    afterwards: dict[Callable[[], None], None] = field(default_factory=dict)
    seen: dict[object, Any] = field(default_factory=dict)
    _cursor: Any = None
    _wire: Wire | None = None

    @property
    def cursor(self) -> Any:
        """That of SQLite's driver. One does for all: whatever it was asked is read to its end."""
        if self._cursor is None:
            driver: Any = self.connection.connection.driver_connection
            self._cursor = driver.cursor()
        return self._cursor

    @property
    def is_on_postgres(self) -> bool:
        return self.dialect == "postgresql"

    @property
    def wire(self) -> Wire:
        """The way to PostgreSQL."""
        if self._wire is None:
            self._wire = wire_of(self.connection.connection)
        return self._wire

    def commit(self) -> None:
        """Raises what the toolkit raises."""
        self.root.commit()
        self.is_committed = True

    def send_what_waits(self) -> None:
        """Have PostgreSQL do what it was only told until now. Raises what the toolkit raises."""
        try:
            self.wire.send()
        except self.driver_error as error:
            raise refusal(self.connection, error) from error


class JoiningSession(_FlaskSession):
    """A session that begins nothing of its own while a transaction is open."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        found: Transaction | None = self.info.get(_OPEN) or self.info.get(_RESTING)
        return super().get_bind(*args, **kwargs) if found is None else found.connection


def open_in(session: Session) -> Transaction | None:
    """What `begin` or `go_on` has opened, until `end` or `rest`."""
    found: Transaction | None = session.info.get(_OPEN)
    return found


def begin(session: Session, engine: Engine, kind: Kind, scope: Scope, lock: str = "") -> Transaction:
    """`lock` is the call by which PostgreSQL waits for its turn. Raises what the toolkit raises."""
    connection = _kept_by(session) or engine.connect()
    try:
        connection.execution_options(**{KIND: kind, FIRST: entering(scope, lock)})
        root = connection.begin()
    except BaseException:
        connection.close()
        raise
    begin_in(session, scope)
    opened = session.info[_OPEN] = Transaction(
        kind, connection, root, connection.dialect.name, connection.dialect.loaded_dbapi.Error
    )
    return opened


def rest(session: Session) -> None:
    """Nothing is done in the open transaction now; `go_on` opens it again, where it stopped."""
    session.info[_RESTING] = session.info.pop(_OPEN)


def go_on(session: Session) -> Transaction | None:
    """The transaction that rests is open again; None where none does."""
    resting: Transaction | None = session.info.pop(_RESTING, None)
    if resting is not None:
        session.info[_OPEN] = resting
    return resting


def end(session: Session, opened: Transaction) -> None:
    """Forget what the session has read, and roll back what is not committed. The connection is free again."""
    leave(session)
    for name in (_OPEN, _RESTING):
        session.info.pop(name, None)
    try:
        if session.in_transaction():
            session.close()
    finally:
        try:
            opened.root.close()  # one whose commit failed is left to the pool, which rolls back what comes in
        finally:
            _part_with(session, opened)


@contextmanager
def keeping_connection(session: Session) -> Iterator[None]:
    """Transactions of the session hand their connection on to the next, instead of asking the pool for one each.

    A block inside of another one is a part of it.
    """
    if _KEPT in session.info:
        yield
        return
    session.info[_KEPT] = None  # as long as a transaction uses it, too
    try:
        yield
    finally:
        kept: Connection | None = session.info.pop(_KEPT)
        if kept is not None:
            kept.close()


def _kept_by(session: Session) -> Connection | None:
    kept: Connection | None = session.info.get(_KEPT)
    if kept is None:
        return None
    session.info[_KEPT] = None
    if is_there(kept):
        return kept
    kept.invalidate()
    kept.close()
    return None


def _part_with(session: Session, ended: Transaction) -> None:
    """What was not committed is none that anybody goes on with: the pool tidies it up."""
    if ended.is_committed and _KEPT in session.info:
        begin_rest(ended.connection)
        session.info[_KEPT] = ended.connection
    else:
        ended.connection.close()
