"""Knows which mail is next: in each lane company after company, and of each company the one that waits longest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Lane
from portal.store.outbox import MessageRow
from portal.store.queue_holds import nobody_holds


def tenant_after(session: Session, lane: Lane, tenant_id: TenantId | None, now: datetime) -> TenantId | None:
    """The next company, in the order of the ids, that has a due mail in a lane; with None the first of all.

    While the operator holds the queue nobody's turn comes.
    """
    query = select(MessageRow.tenant_id).where(MessageRow.lane == lane.value, *_is_due(now), nobody_holds())
    if tenant_id is not None:
        query = query.where(MessageRow.tenant_id > tenant_id)
    found = session.scalar(query.order_by(MessageRow.tenant_id, MessageRow.due_at).limit(1))
    return None if found is None else TenantId(found)


def first_of(session: Session, lane: Lane, tenant_id: TenantId, now: datetime) -> MessageRow | None:
    """The mail of a company and a lane that has been due for longest; none while the operator holds the queue."""
    of_tenant = MessageRow.lane == lane.value, MessageRow.tenant_id == tenant_id
    order = MessageRow.due_at, MessageRow.created_at
    return session.scalar(select(MessageRow).where(*of_tenant, *_is_due(now), nobody_holds()).order_by(*order).limit(1))


def is_anything_due_since(session: Session, then: datetime, now: datetime) -> bool:
    """Whether a mail has been due since a time in the past and is in nobody's hands."""
    waiting = select(MessageRow.id).where(MessageRow.due_at <= then, MessageRow.expires_at > now)
    return session.scalar(waiting.limit(1)) is not None


def due_by_lane(session: Session, now: datetime) -> dict[Lane, tuple[int, datetime]]:
    """How many mails of each lane are due and in nobody's hands, and since when the first of them is."""
    of_lane = func.count(), func.min(MessageRow.due_at)
    rows = session.execute(select(MessageRow.lane, *of_lane).where(*_is_due(now)).group_by(MessageRow.lane))
    return {Lane(lane): (count, first) for lane, count, first in rows if first is not None}


def in_hand(session: Session) -> int:
    held = MessageRow.owner.is_not(None)
    return session.scalar(select(func.count()).select_from(MessageRow).where(held)) or 0


def owners_through(session: Session, config_id: UUID | None, *, but: UUID) -> int:
    """How many others have mail in hand that goes through a configuration (None: the instance default)."""
    others = MessageRow.owner.is_not(None), MessageRow.owner != but
    through = MessageRow.config_id.is_not_distinct_from(config_id)
    return session.scalar(select(func.count(MessageRow.owner.distinct())).where(*others, through)) or 0


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is in somebody's hands has no time at which it is due."""
    return MessageRow.due_at <= now, MessageRow.expires_at > now
