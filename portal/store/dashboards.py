"""Knows what a company's dashboard counts: its configurations in use, its people and its mail."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from portal.domain.dashboards import FOR_A_PERSON, MOST_COMPANIES, Numbers
from portal.domain.delivery import State
from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant, subtree_of
from portal.store import checks
from portal.store.db import UtcTime, at_once
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.tenants import CLOSED, TenantRow
from portal.store.users import UserRow

_OPEN = -1  # the part of what waits for somebody, however old it is


def configs_of(session: Session, tenant_id: TenantId) -> list[tuple[MailConfigRow, bool]]:
    """The tenant's configurations, each with whether it is in use."""
    own = select(MailConfigRow, checks.in_use()).where(MailConfigRow.tenant_id == tenant_id)
    return [(row, bool(is_used)) for row, is_used in session.execute(own.order_by(MailConfigRow.name_key))]


def numbers(session: Session, top: Tenant, *, configs: int, sees_below: bool) -> Numbers:
    """How many people and companies there are; of those below nothing is said where somebody may not look there."""
    first, last = subtree_of(top.path)
    values = {"tenant_id": top.id, "first": first, "last": last, "most": MOST_COMPANIES + 1}
    found: Any = at_once(session, _WITH_FAILING if sees_below else _NUMBERS, values).one()
    return Numbers(found.people, configs, found.companies, found.failing)


def mails_of(
    session: Session, tenant_id: TenantId, edges: Sequence[datetime]
) -> tuple[list[tuple[int, State, int]], dict[State, int]]:
    """The recipients of a tenant's mail by the day on which it was queued, and those that wait for somebody."""
    values = {"tenant_id": tenant_id, **{f"edge_{number}": edge for number, edge in enumerate(edges)}}
    rows: Any = at_once(session, _mails_in(len(edges) - 1), values).all()
    days = [(int(day), State(state), number) for day, state, number in rows if day != _OPEN]
    return days, {State(state): number for day, state, number in rows if day == _OPEN}


@cache
def _mails_in(days: int) -> Select[Any]:
    """Always of the same number of days: to put it together takes longer than to ask it."""
    first, *untils = (bindparam(f"edge_{number}", type_=UtcTime()) for number in range(days + 1))
    part = case(*((MessageRow.created_at < until, day) for day, until in enumerate(untils)), else_=_OPEN)
    recent = _recipients(part).where(MessageRow.created_at >= first, MessageRow.created_at < untils[-1])
    open_ones = _recipients(literal_column(str(_OPEN), Integer)).where(
        RecipientRow.state.in_([state.value for state in FOR_A_PERSON])
    )
    each = union_all(recent, open_ones).subquery()
    return select(each.c.part, each.c.state, func.count()).group_by(each.c.part, each.c.state)


def _recipients(part: Any) -> Select[Any]:
    return (
        select(part.label("part"), RecipientRow.state.label("state"))
        .select_from(RecipientRow)
        .join(MessageRow, MessageRow.id == RecipientRow.message_id)
        .where(MessageRow.tenant_id == bindparam("tenant_id"))
    )


def _count(query: Select[Any]) -> Any:
    return query.scalar_subquery()


_BELOW = (
    TenantRow.path.between(bindparam("first"), bindparam("last")),
    TenantRow.id != bindparam("tenant_id"),
    TenantRow.status != CLOSED,
)
_SOME = select(TenantRow.id).where(*_BELOW).limit(bindparam("most")).subquery()
_FAILING = (
    select(func.count(MailConfigRow.tenant_id.distinct()))
    .join(TenantRow, TenantRow.id == MailConfigRow.tenant_id)
    .where(*_BELOW, checks.fails())
)
_COUNTS = (
    _count(select(func.count(UserRow.id)).where(UserRow.tenant_id == bindparam("tenant_id"))).label("people"),
    _count(select(func.count()).select_from(_SOME)).label("companies"),
)
_WITH_FAILING = select(*_COUNTS, _count(_FAILING).label("failing"))
_NUMBERS = select(*_COUNTS, literal_column("0", Integer).label("failing"))
