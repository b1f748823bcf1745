"""Knows what a company's dashboard counts: its configurations in use, its people and its mail."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from portal.domain.dashboards import FOR_A_PERSON, MOST_COMPANIES, Numbers
from portal.domain.delivery import State
from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant, subtree_of
from portal.store import checks
from portal.store.db import UtcTime, at_once
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.prepared import Prepared
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
    rows = _mails_in(len(edges) - 1).rows(session, values)
    days = [(int(day), State(state), number) for day, state, number in rows if day != _OPEN]
    return days, {State(state): number for day, state, number in rows if day == _OPEN}


@cache
def _mails_in(days: int) -> Prepared:
    """Each day is counted for itself, from an index: to look up the day of each mail takes longer than to find it.

    Always of the same number of days: to put it together takes longer than to ask it.
    """
    edges = [bindparam(f"edge_{number}", type_=UtcTime()) for number in range(days + 1)]
    each_day = (
        _recipients(day).where(MessageRow.created_at >= since, MessageRow.created_at < until)
        for day, (since, until) in enumerate(pairwise(edges))
    )
    return Prepared(union_all(*each_day, _recipients(_OPEN).where(_FOR_A_PERSON)))


def _recipients(part: int) -> Select[int, str, int]:
    return (
        select(literal_column(str(part), Integer).label("part"), RecipientRow.state, func.count())
        .select_from(RecipientRow)
        .join(MessageRow, MessageRow.id == RecipientRow.message_id)
        .where(MessageRow.tenant_id == bindparam("tenant_id"))
        .group_by(RecipientRow.state)
    )


def _count(query: Select[Any]) -> Any:
    return query.scalar_subquery()


_FOR_A_PERSON = or_(*(RecipientRow.state == state.value for state in FOR_A_PERSON))
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
