"""Knows how everybody in a subtree is read at once, with what decides whose configuration his mail uses."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    cast,
    distinct,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from portal.domain.delivery import DUE, State
from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.impact import Company, Crowd, Landscape, Person
from portal.domain.precedence import Choice
from portal.domain.tenancy import Tenant, subtree_of
from portal.store import paths, tenants
from portal.store.db import at_once
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.profiles import MembershipRow, ProfileRow
from portal.store.tenants import TenantRow
from portal.store.users import UserRow


def landscape_of(session: Session, top: Tenant, above: Choice | None) -> Landscape:
    """The subtree of a company, by one statement whatever its size; parents before their children."""
    rows = [tuple(row) for row in at_once(session, _around(top))]
    everyone = sorted((row for row in rows if row[0] == _COMPANY), key=lambda row: (row[5], row[7]))
    open_ones = {row[1] for row in everyone}
    people = [each for each in _linked_people(rows) if each.tenant_id in open_ones]
    counts = {TenantId(row[1]): row[5] for row in rows if row[0] == _COUNT}
    linked = _counted(person.tenant_id for person in people)
    companies = (_company(row, counts.get(row[1], 0) - linked.get(row[1], 0)) for row in everyone)
    return Landscape(tuple(companies), tuple(people), tuple(_waiting(rows)), above)


def _company(row: "_Row", unlinked: int) -> Company:
    _kind, tenant_id, parent_id, active, _nobody, _depth, name, _name_key = row
    parent, chosen = TenantId(parent_id) if parent_id else None, ConfigId(active) if active else None
    return Company(TenantId(tenant_id), parent, name, chosen, unlinked)


_COMPANY, _COUNT, _PERSON, _MAIL = 0, 1, 2, 3
_Row = tuple[Any, ...]


def _around(top: Tenant) -> Any:
    """Rows of four kinds: a company, whoever it is about, up to two configurations, a number, and of a company its
    name and the name to sort by.
    """
    below = TenantRow.path.between(*subtree_of(top.path))
    waiting = [state.value for state in (*DUE, State.HELD)]
    of_mail = MessageRow.tenant_id, MessageRow.user_id, MessageRow.named_config_id
    company = TenantRow.id, TenantRow.parent_id, TenantRow.active_config_id, _nobody, paths.depth_of(TenantRow)
    return union_all(
        select(_kind(_COMPANY), *company, TenantRow.name, TenantRow.name_key).where(
            below, TenantRow.status != tenants.CLOSED
        ),
        select(_kind(_COUNT), UserRow.tenant_id, _nobody, _nobody, _nobody, func.count(), *_nameless)
        .join(TenantRow, TenantRow.id == UserRow.tenant_id)
        .where(below)
        .group_by(UserRow.tenant_id),
        select(
            *(_kind(_PERSON), UserRow.tenant_id, UserRow.id, UserRow.linked_config_id),
            *(ProfileRow.linked_config_id, func.coalesce(ProfileRow.position, 0), *_nameless),
        )
        .join(TenantRow, TenantRow.id == UserRow.tenant_id)
        .outerjoin(MembershipRow, MembershipRow.user_id == UserRow.id)
        .outerjoin(ProfileRow, ProfileRow.id == MembershipRow.profile_id)
        .where(below, or_(UserRow.linked_config_id.is_not(None), ProfileRow.linked_config_id.is_not(None))),
        select(_kind(_MAIL), *of_mail, _nobody, func.count(distinct(MessageRow.id)), *_nameless)
        .join(RecipientRow, RecipientRow.message_id == MessageRow.id)
        .join(TenantRow, TenantRow.id == MessageRow.tenant_id)
        .where(below, RecipientRow.state.in_(waiting))
        .group_by(*of_mail),
    )


_nobody = cast(null(), Uuid())
_nameless = null(), null()


def _kind(kind: int) -> ColumnElement[int]:
    return literal_column(str(kind), Integer)


def _linked_people(rows: Iterable[_Row]) -> list[Person]:
    found: dict[UserId, Person] = {}
    of_people = sorted((row for row in rows if row[0] == _PERSON), key=lambda row: (row[2], row[5]))
    for _, tenant_id, user_id, own, of_profile, *_ in of_people:
        key = UserId(user_id)
        before = found.get(key)
        links = before.links if before else tuple(ConfigId(each) for each in (own,) if each)
        if of_profile is not None:
            links = (*links, ConfigId(of_profile))
        found[key] = Person(key, TenantId(tenant_id), links)
    return list(found.values())


def _waiting(rows: Iterable[_Row]) -> list[Crowd]:
    return [
        Crowd(TenantId(tenant_id), UserId(user_id) if user_id else None, ConfigId(named) if named else None, mails)
        for kind, tenant_id, user_id, named, _, mails, *_ in rows
        if kind == _MAIL
    ]


def _counted(ids: Iterable[TenantId]) -> dict[TenantId, int]:
    counts: dict[TenantId, int] = {}
    for each in ids:
        counts[each] = counts.get(each, 0) + 1
    return counts
