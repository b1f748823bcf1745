"""Knows the mails that wait: for whom, until when, and how they are called again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.ids import TenantId, UserId
from portal.store import work
from portal.store.outbox import AttemptRow, MessageRow, RecipientRow
from portal.store.tenants import TenantRow

_HELD_AFTER_RESTORE = RecipientRow.state == State.HELD.value, RecipientRow.code == Code.RESTORED.value
_IN_DOUBT = (
    MessageRow.owner.is_(None),
    or_(
        RecipientRow.state == State.UNCERTAIN.value,
        (RecipientRow.state == State.HELD.value) & (RecipientRow.code == Code.UNKNOWN.value),
    ),
)
_WAITS_FOR_A_PERSON = (Code.UNKNOWN, Code.RESTORED, Code.HELD_BACK)


def expired(session: Session, now: datetime) -> list[RecipientRow]:
    """Recipients that wait although their mail's time is over."""
    return _waiting(session, MessageRow.expires_at <= now)


def of_tenant(session: Session, tenant_id: TenantId) -> list[RecipientRow]:
    """Recipients of a tenant's mail that wait."""
    return _waiting(session, MessageRow.tenant_id == tenant_id)


def of_user(session: Session, user_id: UserId, purposes: Sequence[str]) -> list[RecipientRow]:
    """Recipients of a user's mail for these purposes that wait."""
    return _waiting(session, MessageRow.user_id == user_id, MessageRow.purpose.in_(purposes))


def to_repeat(session: Session, now: datetime) -> list[RecipientRow]:
    """Recipients that stayed uncertain long enough to be asked for again."""
    uncertain = RecipientRow.state == State.UNCERTAIN.value, RecipientRow.next_at <= now
    return list(session.scalars(select(RecipientRow).where(*uncertain)))


def due_between(
    session: Session,
    after: datetime,
    until: datetime | None,
    *,
    behind: UUID | None,
    queued_by: datetime | None,
    limit: int,
) -> list[RecipientRow]:
    """Recipients in nobody's hands that come due after a time, and not after `until`, in the order of their ids.

    `behind` is the last one of those that were asked for before; with `queued_by` younger mails are left out.
    """
    states = [state.value for state in (*DUE, State.UNCERTAIN)]
    query = select(RecipientRow).join(MessageRow, MessageRow.id == RecipientRow.message_id)
    query = query.where(MessageRow.owner.is_(None), RecipientRow.state.in_(states), RecipientRow.next_at > after)
    if until is not None:
        query = query.where(RecipientRow.next_at <= until)
    if queued_by is not None:
        query = query.where(MessageRow.created_at <= queued_by)
    if behind is not None:
        query = query.where(RecipientRow.id > behind)
    return list(session.scalars(query.order_by(RecipientRow.id).limit(limit)))


def in_doubt(session: Session) -> list[tuple[RecipientRow, MessageRow]]:
    """Recipients of whom nobody knows whether they got their mail, with their mails, which are in nobody's hands."""
    query = select(RecipientRow, MessageRow).join(MessageRow, MessageRow.id == RecipientRow.message_id)
    return [(recipient, message) for recipient, message in session.execute(query.where(*_IN_DOUBT))]


def attempts_in_doubt(session: Session) -> list[AttemptRow]:
    """The attempts at those mails, in the order in which they began."""
    query = select(RecipientRow.message_id).join(MessageRow, MessageRow.id == RecipientRow.message_id)
    theirs = AttemptRow.message_id.in_(query.where(*_IN_DOUBT))
    return list(session.scalars(select(AttemptRow).where(theirs).order_by(AttemptRow.started_at)))


def all_unsent(session: Session) -> list[RecipientRow]:
    """Everybody who has not got a mail and may still get it, but for what is in somebody's hands."""
    states = [state.value for state in (*DUE, State.UNCERTAIN, State.HELD)]
    return list(session.scalars(select(RecipientRow).where(RecipientRow.state.in_(states))))


def held_after_restore(session: Session) -> list[tuple[RecipientRow, MessageRow]]:
    """Recipients that are held because the database was restored, with their mails."""
    query = select(RecipientRow, MessageRow).join(MessageRow, MessageRow.id == RecipientRow.message_id)
    return [(recipient, message) for recipient, message in session.execute(query.where(*_HELD_AFTER_RESTORE))]


def held_for_one(session: Session) -> set[UUID]:
    """Those of these mails that are for one recipient alone."""
    other = aliased(RecipientRow)
    is_shared = exists().where(other.message_id == RecipientRow.message_id, other.id != RecipientRow.id)
    return set(session.scalars(select(RecipientRow.message_id).where(*_HELD_AFTER_RESTORE, ~is_shared)))


def wake_held(session: Session, tenant_path: str, now: datetime) -> None:
    """Ask again for every held or waiting mail of a subtree, because its configuration changed."""
    session.execute(
        update(RecipientRow)
        .where(RecipientRow.message_id.in_(_at_rest(tenant_path)), RecipientRow.state == State.DEFERRED.value)
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )
    release_held(session, tenant_path, now)


def release_held(session: Session, tenant_path: str, now: datetime) -> None:
    """Ask again for every held mail of a subtree, or with an empty path of everybody.

    What is held because it may have arrived, or been sent, or because the operator holds it, stays: no configuration
    answers that.
    """
    session.execute(
        update(RecipientRow)
        .where(
            RecipientRow.message_id.in_(_at_rest(tenant_path)),
            RecipientRow.state == State.HELD.value,
            RecipientRow.code.not_in([code.value for code in _WAITS_FOR_A_PERSON]),
        )
        .values(state=State.QUEUED.value, next_at=now)
        .execution_options(synchronize_session=False)
    )
    _call(session, tenant_path, now)


def _waiting(session: Session, *conditions: ColumnElement[bool]) -> list[RecipientRow]:
    """Recipients that wait, are in nobody's hands, and meet the conditions."""
    at_rest = MessageRow.owner.is_(None), RecipientRow.state.in_([state.value for state in (*DUE, State.HELD)])
    query = select(RecipientRow).join(MessageRow, MessageRow.id == RecipientRow.message_id)
    return list(session.scalars(query.where(*at_rest, *conditions)))


def _call(session: Session, tenant_path: str, now: datetime) -> None:
    """The mails of a subtree that have a due recipient are due."""
    due = RecipientRow.state.in_([state.value for state in DUE]), RecipientRow.next_at <= now
    session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_(select(RecipientRow.message_id).where(*due)), MessageRow.id.in_(_at_rest(tenant_path)))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    work.announce(session)


def _at_rest(tenant_path: str) -> Select[UUID]:
    """The mails of a subtree that nobody has in hand."""
    below = select(MessageRow.id).join(TenantRow, TenantRow.id == MessageRow.tenant_id)
    return below.where(TenantRow.path.like(tenant_path + "%"), MessageRow.owner.is_(None))
