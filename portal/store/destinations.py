"""Knows which servers a tenant connected to lately, each as a hash of its host and port."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.destinations import Visit
from portal.domain.ids import TenantId
from portal.store.db import Model, UtcTime


class DestinationRow(Model):
    __tablename__ = "destinations"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), primary_key=True)
    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(UtcTime())
    last_at: Mapped[datetime] = mapped_column(UtcTime())


def visits_of(session: Session, tenant_id: TenantId, *, after: datetime) -> dict[str, Visit]:
    """The servers that a tenant connected to after this moment."""
    rows = session.scalars(
        select(DestinationRow).where(DestinationRow.tenant_id == tenant_id, DestinationRow.last_at > after)
    )
    return {row.place: Visit(row.first_at, row.last_at) for row in rows}


def note(session: Session, tenant_id: TenantId, place: str, now: datetime) -> None:
    """Remember a connection."""
    row = session.get(DestinationRow, (tenant_id, place))
    if row is None:
        row = DestinationRow(tenant_id=tenant_id, place=place, first_at=now)
        session.add(row)
    row.last_at = now


def forget(session: Session, tenant_id: TenantId, *, until: datetime) -> None:
    """Forget the servers that a tenant did not connect to after this moment."""
    session.execute(
        delete(DestinationRow).where(DestinationRow.tenant_id == tenant_id, DestinationRow.last_at <= until)
    )
