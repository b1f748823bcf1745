"""Knows the second wall: which rows PostgreSQL itself shows to a transaction, by the scope in which that was begun."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import psycopg
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.settings import BadSettingError

Scope = TenantId | Literal["system"]
SYSTEM: Literal["system"] = "system"

_SCOPE = "portal.scope"
_COMPANY, _ENTER = text("SELECT portal_enter(:company)"), "SELECT portal_enter($1)"
_SYSTEM = "set_config('portal.scope', 'system', true)"
_EVERYTHING = text("SELECT set_config('portal.scope', 'system', true)")
_UP = text("SELECT set_config('portal.looks_up', 'on', true)")
_NO_LONGER_UP = text("SELECT set_config('portal.looks_up', '', true)")
_STAYS = nullcontext()
_SEES_PAST = (
    "SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname IN (current_user::text, session_user::text)"
)


class NoWallError(BadSettingError):
    """The role that enters the database sees past row-level security: it is a superuser, or has BYPASSRLS."""

    def __init__(self) -> None:
        super().__init__(
            "PORTAL_DATABASE_URL enters PostgreSQL as superuser or with BYPASSRLS: nothing there keeps companies apart."
            " Let it name a role of its own: CREATE ROLE relaytree LOGIN NOSUPERUSER NOBYPASSRLS (docs/scaling.md)"
        )


def entering(scope: Scope, lock: str = "") -> tuple[tuple[str, ...], ...]:
    """What PostgreSQL is told where a transaction begins in a scope: statements, each of them words and values.

    `lock` is a call that waits until the transaction may go on. Where a company is lies behind it: nobody moves it
    meanwhile. `begin_in` notes that all that was told.
    """
    if scope == SYSTEM:
        return ((f"SELECT {lock}, {_SYSTEM}" if lock else f"SELECT {_SYSTEM}",),)
    entered = _ENTER, scope.hex
    return ((f"SELECT {lock}",), entered) if lock else (entered,)


def begin_in(session: Session, scope: Scope) -> None:
    """The transaction that begins was told its scope along with that."""
    session.info[_SCOPE] = scope


def stand_in(session: Session, scope: Scope) -> None:
    """From now on, and until the transaction ends, show what lies in the scope. SQLite shows everything."""
    session.info[_SCOPE] = scope
    if not _has_walls(session):
        return
    if scope == SYSTEM:
        session.execute(_EVERYTHING)
    else:
        session.execute(_COMPANY, {"company": scope})


def scope_of(session: Session) -> Scope | None:
    """In which scope the transaction stands now; None before one was said."""
    scope: Scope | None = session.info.get(_SCOPE)
    return scope


def leave(session: Session) -> None:
    """The transaction is over, and so is its scope."""
    session.info.pop(_SCOPE, None)


def standing_in(session: Session, scope: Scope) -> AbstractContextManager[None]:
    """The scope of an inner block: SYSTEM is as wide as it says, anything else what the outermost block has."""
    outer: Scope = session.info[_SCOPE]
    return _STAYS if scope != SYSTEM or outer == SYSTEM else _widened(session, outer)


@contextmanager
def _widened(session: Session, outer: Scope) -> Iterator[None]:
    session.flush()  # what waits to be written is written in the scope it was made in
    stand_in(session, SYSTEM)
    try:
        yield
    except DBAPIError:  # the transaction takes no statement any more
        session.info[_SCOPE] = outer
        raise
    except BaseException:
        stand_in(session, outer)
        raise
    stand_in(session, outer)


@contextmanager
def looking_up(session: Session) -> Iterator[None]:
    """Show also what the companies above hand down: the configuration each has selected, the words it published.

    Only to be read, and nothing else of theirs. Where SYSTEM is the scope, or on SQLite, that is nothing more.
    """
    if session.info[_SCOPE] == SYSTEM or not _has_walls(session):
        yield
        return
    session.execute(_UP)
    try:
        yield
    except DBAPIError:
        raise
    except BaseException:
        session.execute(_NO_LONGER_UP)
        raise
    session.execute(_NO_LONGER_UP)


def refuse_who_sees_past(engine: Engine) -> None:
    """From now on an engine on PostgreSQL makes no connection as a role that the wall does not bind: NoWallError."""
    event.listen(engine, "connect", _refuse)


def with_everything(connection: Connection) -> None:
    """Every transaction of this one connection sees everything: for migrations, which concern everybody's rows."""
    connection.execution_options(**{_SCOPE: SYSTEM})


def sees_everything(connection: Connection) -> bool:
    """Whether that was asked for by `with_everything`."""
    return connection.get_execution_options().get(_SCOPE) == SYSTEM


def _refuse(driver: psycopg.Connection[Any], _record: object) -> None:
    (sees_past,) = driver.execute(_SEES_PAST).fetchone() or (True,)
    driver.rollback()
    if sees_past:
        driver.close()
        raise NoWallError


def _has_walls(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
