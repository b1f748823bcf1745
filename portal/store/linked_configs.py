"""Knows to whom configurations are linked, across the rows of people and of profiles."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    exists,
    func,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.store import tenants
from portal.store.db import at_once
from portal.store.profiles import ProfileRow
from portal.store.users import UserRow


@dataclass(frozen=True, slots=True)
class Served:
    """Whom a configuration serves.

    The names of the people, by name, and of the profiles, in their order, to whom it is linked; and how many companies
    below inherit what `below_of` uses.
    """

    users: tuple[str, ...]
    profiles: tuple[str, ...]
    below: int


def served_by(session: Session, config_id: ConfigId, *, below_of: TenantId | None) -> Served:
    """By one statement. `below_of` is the company that has selected the configuration, or None."""
    rows: Any = at_once(session, _serving(config_id, below_of))
    in_order = sorted(rows, key=lambda row: (row.kind, row.number, row.name_key))
    return Served(
        users=tuple(row.name for row in in_order if row.kind == _USER),
        profiles=tuple(row.name for row in in_order if row.kind == _PROFILE),
        below=sum(row.number for row in in_order if row.kind == _BELOW),
    )


_USER, _PROFILE, _BELOW = 0, 1, 2


def _serving(config_id: ConfigId, below_of: TenantId | None) -> CompoundSelect[Any]:
    """Rows of three kinds: a name, the name to sort by, a place in an order or a number."""
    users = select(_kind(_USER), UserRow.name, UserRow.name_key, _number("0"))
    profiles = select(_kind(_PROFILE), ProfileRow.name, ProfileRow.name_key, ProfileRow.position)
    linked = [
        users.where(UserRow.linked_config_id == config_id),
        profiles.where(ProfileRow.linked_config_id == config_id),
    ]
    if below_of is None:
        return union_all(*linked)
    below = tenants.inheriting(below_of, most=tenants.EVERYBODY).scalar_subquery()
    return union_all(*linked, select(_kind(_BELOW), null(), null(), below))


def _kind(kind: int) -> ColumnElement[int]:
    return literal_column(str(kind), Integer).label("kind")


def _number(text: str) -> ColumnElement[int]:
    return literal_column(text, Integer).label("number")


def is_shared(session: Session, config_id: ConfigId) -> bool:
    """Whether a configuration is linked to more than one person, or to a profile."""
    people = select(func.count()).where(UserRow.linked_config_id == config_id)
    groups = select(exists().where(ProfileRow.linked_config_id == config_id))
    return (session.scalar(people) or 0) > 1 or bool(session.scalar(groups))


def unlink_everywhere(session: Session, config_id: ConfigId) -> None:
    """Let go of a configuration that is to be deleted: nothing may point at it then."""
    for table in (UserRow, ProfileRow):
        session.execute(
            update(table)
            .where(table.linked_config_id == config_id)
            .values(linked_config_id=None, version=table.version + 1)
            .execution_options(synchronize_session="fetch")
        )


def unlink_all_of(session: Session, tenant_id: TenantId) -> None:
    for table in (UserRow, ProfileRow):
        session.execute(
            update(table)
            .where(table.tenant_id == tenant_id, table.linked_config_id.is_not(None))
            .values(linked_config_id=None)
            .execution_options(synchronize_session=False)
        )
