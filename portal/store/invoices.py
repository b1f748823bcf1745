"""Knows the invoices' rows: to whom each was sent, and by which mail. The file itself travels in the mail alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import InvoiceId, TenantId
from portal.store.db import Model, UtcTime


class InvoiceRow(Model):
    """`message_id` names a mail that the log may have forgotten by now, so it is no foreign key."""

    __tablename__ = "invoices"
    __table_args__ = (Index("ix_invoices_tenant_created", "tenant_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(60))
    file_name: Mapped[str] = mapped_column(String(130))
    message_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(UtcTime())


def find(session: Session, invoice_id: InvoiceId) -> InvoiceRow | None:
    return session.get(InvoiceRow, invoice_id)


def of_tenant(session: Session, tenant_id: TenantId, *, most: int) -> list[InvoiceRow]:
    """The latest first."""
    query = select(InvoiceRow).where(InvoiceRow.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(InvoiceRow.created_at.desc(), InvoiceRow.id).limit(most)))
