"""Knows the test mails and checks that people asked for, and what each of them found."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.diagnosis import Code
from portal.domain.errors import NotFoundError
from portal.domain.ids import TenantId, TrialId
from portal.domain.trial import TrialState
from portal.store.db import Model, UtcTime


class TrialRow(Model):
    """`draft` is set where something unsaved is tried; `password` is then sealed to that draft's destination.

    `for_user_id` is set where somebody else's mail is tried; one's own test leaves it empty.
    `alternatives` has the same password sealed to others on the same host: fingerprint (hex) → sealed (base64).
    """

    __tablename__ = "trials"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    for_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(20))
    verb: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(320))
    config_id: Mapped[UUID | None]
    draft: Mapped[Mapping[str, Any] | None] = mapped_column(JSON)
    password: Mapped[bytes | None]
    alternatives: Mapped[Mapping[str, str] | None] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), index=True)
    code: Mapped[str] = mapped_column(String(40))
    inherited: Mapped[bool]
    findings: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSON)
    transcript: Mapped[Sequence[str]] = mapped_column(JSON)
    notes: Mapped[Sequence[str]] = mapped_column(JSON)
    trace: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    started_at: Mapped[datetime | None] = mapped_column(UtcTime())
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime())
    owner: Mapped[UUID | None]


def get_row(session: Session, tenant_id: TenantId, trial_id: TrialId) -> TrialRow:
    """A trial of this very tenant. Raises NotFoundError."""
    row = find_row(session, tenant_id, trial_id)
    if row is None:
        raise NotFoundError
    return row


def find_row(session: Session, tenant_id: TenantId, trial_id: TrialId) -> TrialRow | None:
    return session.scalar(select(TrialRow).where(TrialRow.tenant_id == tenant_id, TrialRow.id == trial_id))


def rows_by_id(session: Session, tenant_id: TenantId, trial_ids: Collection[TrialId]) -> list[TrialRow]:
    """These trials of this very tenant, as they were asked for; what is not there is left out."""
    found = select(TrialRow).where(TrialRow.tenant_id == tenant_id, TrialRow.id.in_(trial_ids))
    return list(session.scalars(found.order_by(TrialRow.created_at, TrialRow.id)))


def get_by_id(session: Session, trial_id: TrialId) -> TrialRow:
    """For the worker. Raises NotFoundError."""
    row = session.get(TrialRow, trial_id)
    if row is None:
        raise NotFoundError
    return row


def find_waiting(session: Session) -> TrialRow | None:
    return session.scalar(
        select(TrialRow).where(TrialRow.state == TrialState.WAITING.value).order_by(TrialRow.created_at).limit(1)
    )


def in_hands(session: Session, *, but: Collection[UUID]) -> list[TrialRow]:
    """Trials that anybody but these began and did not end."""
    running = TrialRow.state == TrialState.RUNNING.value
    return list(session.scalars(select(TrialRow).where(running, TrialRow.owner.not_in(but))))


def give_up(session: Session, now: datetime, *, asked_before: datetime) -> None:
    """End the waiting of trials that were asked for so long ago that nobody watches any more."""
    session.execute(
        update(TrialRow)
        .where(TrialRow.state == TrialState.WAITING.value, TrialRow.created_at < asked_before)
        .values(state=TrialState.DONE.value, code=Code.INTERNAL.value, finished_at=now)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, *, finished_before: datetime) -> None:
    session.execute(delete(TrialRow).where(TrialRow.finished_at < finished_before))


def forget_passwords(session: Session, before: datetime) -> None:
    """Erase the passwords of drafts that were tried before `before` and never saved."""
    _forget_passwords(session, TrialRow.created_at < before)


def forget_passwords_of(session: Session, tenant_id: TenantId) -> None:
    """Erase the passwords of all drafts that were tried for a company."""
    _forget_passwords(session, TrialRow.tenant_id == tenant_id)


def _forget_passwords(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(TrialRow)
        .where(which, TrialRow.password.is_not(None))
        .values(password=None, alternatives=None)
        .execution_options(synchronize_session=False)
    )
