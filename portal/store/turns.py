"""Knows which mail is next: in each lane company after company, and of each company the one that waits longest."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select, text
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Lane
from portal.store import hands, usable_configs
from portal.store.db import UtcTime
from portal.store.hands import Mail
from portal.store.outbox import MessageRow
from portal.store.prepared import Prepared
from portal.store.queue_holds import nobody_holds

_LOCK_INSTANCE_DEFAULT = text("SELECT pg_advisory_xact_lock(1, 0)")
_NOW = bindparam("now", type_=UtcTime())
# Said for the sake of the index of what is due; without it SQLite goes through everything that has not expired.
_IN_ANY_LANE = MessageRow.lane.in_([lane.value for lane in Lane])
_TENANT_IN = (
    select(MessageRow.tenant_id)
    .where(MessageRow.lane == bindparam("lane"), MessageRow.due_at <= _NOW, MessageRow.expires_at > _NOW)
    .where(nobody_holds())
    .order_by(MessageRow.tenant_id, MessageRow.due_at)
    .limit(1)
)
_FIRST_TENANT = Prepared(_TENANT_IN)
_TENANT_AFTER = Prepared(_TENANT_IN.where(MessageRow.tenant_id > bindparam("tenant_id")))
_DUE_OF_TENANT = (
    select(MessageRow.id)
    .where(MessageRow.lane == bindparam("lane"), MessageRow.tenant_id == bindparam("tenant_id"))
    .where(MessageRow.due_at <= _NOW, MessageRow.expires_at > _NOW, nobody_holds())
    .order_by(MessageRow.due_at, MessageRow.created_at)
    .limit(bindparam("most"))
)
_OF_TENANT = Prepared(
    _DUE_OF_TENANT.with_only_columns(*hands.MAIL_COLUMNS).with_for_update(skip_locked=True, key_share=True)
)
_FOR_WHOM = Prepared(hands.recipients_in(_DUE_OF_TENANT))
_OTHERS_IN_HAND = Prepared(
    select(func.count(MessageRow.owner.distinct())).where(
        MessageRow.owner.is_not(None),
        MessageRow.owner != bindparam("owner_now"),
        MessageRow.config_id.is_not_distinct_from(bindparam("config_id")),
    )
)


def tenant_after(session: Session, lane: Lane, tenant_id: TenantId | None, now: datetime) -> TenantId | None:
    """The next company, in the order of the ids, that has a due mail in a lane; with None the first of all.

    While the operator holds the queue nobody's turn comes.
    """
    values = {"lane": lane.value, "now": now}
    if tenant_id is None:
        found = _FIRST_TENANT.row(session, values)
    else:
        found = _TENANT_AFTER.row(session, {**values, "tenant_id": tenant_id})
    return None if found is None else TenantId(found[0])


def first_of(session: Session, lane: Lane, tenant_id: TenantId, now: datetime, *, most: int) -> list[Mail]:
    """The mails of a company and a lane that have been due for longest, and that nobody else is taking right now.

    None of them while the operator holds the queue.
    """
    return [Mail(*row) for row in _OF_TENANT.rows(session, _turn(lane, tenant_id, now, most))]


def recipients_of_first(
    session: Session, lane: Lane, tenant_id: TenantId, now: datetime, *, most: int
) -> hands.Everyone:
    """For whom the mails are that have been due for longest, whether somebody else is taking them or not."""
    return hands.by_mail(_FOR_WHOM.rows(session, _turn(lane, tenant_id, now, most)))


def foresee_first_of(session: Session, lane: Lane, tenant_id: TenantId, now: datetime, *, most: int) -> None:
    """Say that they, and for whom they are, is what will be asked for."""
    turn = _turn(lane, tenant_id, now, most)
    _OF_TENANT.foresee(session, turn)
    _FOR_WHOM.foresee(session, turn)


def _turn(lane: Lane, tenant_id: TenantId, now: datetime, most: int) -> dict[str, object]:
    return {"lane": lane.value, "tenant_id": tenant_id, "now": now, "most": most}


def lock_server(session: Session, config_id: UUID | None) -> None:
    """Let nobody else take mail for a configuration (None: the instance default), or learn of it, until the end.

    On SQLite nobody does anyway. What is learnt of it may change whose turn comes: that is asked for anew.
    """
    _OF_TENANT.forget(session)
    _FOR_WHOM.forget(session)
    if config_id is None:
        lock_instance_default(session)
    elif session.get_bind().dialect.name == "postgresql":
        usable_configs.lock(session, config_id)


def lock_instance_default(session: Session) -> None:
    """The same for the operator's own server."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK_INSTANCE_DEFAULT)


def is_anything_due_since(session: Session, then: datetime, now: datetime) -> bool:
    """Whether a mail has been due since a time in the past and is in nobody's hands."""
    waiting = select(MessageRow.id).where(_IN_ANY_LANE, MessageRow.due_at <= then, MessageRow.expires_at > now)
    return session.scalar(waiting.limit(1)) is not None


def owners_through(session: Session, config_id: UUID | None, *, but: UUID) -> int:
    """How many others have mail in hand that goes through a configuration (None: the instance default)."""
    (count,) = _OTHERS_IN_HAND.rows(session, {"owner_now": but, "config_id": config_id})[0]
    return int(count)


def is_due(now: datetime | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
    """What is in somebody's hands has no time at which it is due."""
    return _IN_ANY_LANE, MessageRow.due_at <= now, MessageRow.expires_at > now
