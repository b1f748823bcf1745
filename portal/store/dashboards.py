"""Knows what a company's dashboard counts: its configurations in use, its people and its mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, case, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from portal.domain.dashboards import FOR_A_PERSON, MOST_COMPANIES, Numbers
from portal.domain.delivery import State
from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant, TenantStatus, subtree_of
from portal.store import checks
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.tenants import TenantRow
from portal.store.users import UserRow

_OPEN = -1  # the part of what waits for somebody, however old it is


def configs_of(session: Session, tenant_id: TenantId) -> list[tuple[MailConfigRow, bool]]:
    """The tenant's configurations, each with whether it is in use."""
    own = select(MailConfigRow, checks.in_use()).where(MailConfigRow.tenant_id == tenant_id)
    return [(row, bool(is_used)) for row, is_used in session.execute(own.order_by(MailConfigRow.name_key))]


def numbers(session: Session, top: Tenant, *, configs: int, sees_below: bool) -> Numbers:
    """How many people and companies there are; of those below nothing is said where somebody may not look there."""
    below = (
        TenantRow.path.between(*subtree_of(top.path)),
        TenantRow.id != top.id,
        TenantRow.status != TenantStatus.CLOSED.value,
    )
    counted = select(TenantRow.id).where(*below).limit(MOST_COMPANIES + 1).subquery()
    failing = (
        select(func.count(MailConfigRow.tenant_id.distinct()))
        .join(TenantRow, TenantRow.id == MailConfigRow.tenant_id)
        .where(*below, checks.fails())
    )
    people, companies, failing_below = session.execute(
        select(
            _count(select(func.count(UserRow.id)).where(UserRow.tenant_id == top.id)),
            _count(select(func.count()).select_from(counted)),
            _count(failing) if sees_below else literal_column("0", Integer),
        )
    ).one()
    return Numbers(people, configs, companies, failing_below)


def mails_of(
    session: Session, tenant_id: TenantId, edges: Sequence[datetime]
) -> tuple[list[tuple[int, State, int]], dict[State, int]]:
    """The recipients of a tenant's mail by the day on which it was queued, and those that wait for somebody."""
    part = case(*((MessageRow.created_at < until, day) for day, until in enumerate(edges[1:])), else_=_OPEN)
    recent = _recipients(tenant_id, part).where(MessageRow.created_at >= edges[0], MessageRow.created_at < edges[-1])
    open_ones = _recipients(tenant_id, literal_column(str(_OPEN), Integer)).where(
        RecipientRow.state.in_([state.value for state in FOR_A_PERSON])
    )
    each = union_all(recent, open_ones).subquery()
    rows = session.execute(select(each.c.part, each.c.state, func.count()).group_by(each.c.part, each.c.state)).all()
    days = [(int(day), State(state), number) for day, state, number in rows if day != _OPEN]
    return days, {State(state): number for day, state, number in rows if day == _OPEN}


def _recipients(tenant_id: TenantId, part: Any) -> Select[Any]:
    return (
        select(part.label("part"), RecipientRow.state.label("state"))
        .select_from(RecipientRow)
        .join(MessageRow, MessageRow.id == RecipientRow.message_id)
        .where(MessageRow.tenant_id == tenant_id)
    )


def _count(query: Select[Any]) -> Any:
    return query.scalar_subquery()
