"""Knows the audit rows: written once, never changed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.audit import Entry
from portal.domain.ids import TenantId
from portal.store.db import Model, UtcTime


class AuditRow(Model):
    """`number` orders the rows; the actor's name is kept as it was, because people leave."""

    __tablename__ = "audit_events"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime())
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    impersonator_id: Mapped[UUID | None]
    event: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID | None]
    subject_name: Mapped[str] = mapped_column(String(320))
    fields: Mapped[Mapping[str, list[str]]] = mapped_column(JSON)


def append(session: Session, row: AuditRow) -> None:
    session.add(row)


def of_tenant(session: Session, tenant_id: TenantId, *, limit: int, before: int | None) -> list[Entry]:
    """The newest entries first; `before` is the number of the last entry of the page above."""
    query = select(AuditRow).where(AuditRow.tenant_id == tenant_id).order_by(AuditRow.number.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.number < before)
    return [_as_domain(row) for row in session.scalars(query)]


def _as_domain(row: AuditRow) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        actor_name=row.actor_name,
        event=row.event,
        subject_name=row.subject_name,
        fields={name: (before, after) for name, (before, after) in row.fields.items()},
    )
