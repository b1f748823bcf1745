"""Knows which mail is next: in each lane company after company, and of each company the one that waits longest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Lane
from portal.store import mail_configs
from portal.store.outbox import MessageRow
from portal.store.queue_holds import nobody_holds

_LOCK_INSTANCE_DEFAULT = text("SELECT pg_advisory_xact_lock(1, 0)")


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
    """The mail of a company and a lane that has been due for longest, and that nobody else is taking right now.

    None while the operator holds the queue.
    """
    of_tenant = MessageRow.lane == lane.value, MessageRow.tenant_id == tenant_id
    query = select(MessageRow).where(*of_tenant, *_is_due(now), nobody_holds())
    query = query.order_by(MessageRow.due_at, MessageRow.created_at)
    return session.scalar(query.limit(1).with_for_update(skip_locked=True, key_share=True))


def lock_server(session: Session, config_id: UUID | None) -> None:
    """Let nobody else take mail for a configuration (None: the instance default), or learn of it, until the end.

    On SQLite nobody does anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    if config_id is None:
        session.execute(_LOCK_INSTANCE_DEFAULT)
    else:
        mail_configs.lock(session, config_id)


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
