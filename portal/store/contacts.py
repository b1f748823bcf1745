"""Knows the contacts' rows: who they are, and the link that each of them has to open first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.contacts import Contact, ContactKind, ContactQuery, ContactSort
from portal.domain.errors import NotFoundError
from portal.domain.ids import ContactId, TenantId
from portal.store.db import Model, UtcTime


class ContactRow(Model):
    """`token_hash` is the SHA-256 of the token in the link that was mailed last; None once it was opened."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "email_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320))
    verified_at: Mapped[datetime | None] = mapped_column(UtcTime())
    token_hash: Mapped[bytes | None] = mapped_column(unique=True)
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcTime())
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcTime())


def as_domain(row: ContactRow) -> Contact:
    return Contact(
        id=ContactId(row.id),
        tenant_id=TenantId(row.tenant_id),
        kind=ContactKind(row.kind),
        name=row.name,
        email=row.email,
        verified_at=row.verified_at,
        version=row.version,
    )


def get_row(session: Session, tenant_id: TenantId, contact_id: ContactId) -> ContactRow:
    """A contact of this very tenant. Raises NotFoundError."""
    row = session.scalar(select(ContactRow).where(ContactRow.tenant_id == tenant_id, ContactRow.id == contact_id))
    if row is None:
        raise NotFoundError
    return row


def of_tenant(session: Session, tenant_id: TenantId, kind: ContactKind | None = None) -> list[Contact]:
    """By kind and name; of one kind alone, if it is given."""
    query = select(ContactRow).where(ContactRow.tenant_id == tenant_id)
    if kind is not None:
        query = query.where(ContactRow.kind == kind.value)
    rows = session.scalars(query.order_by(ContactRow.kind, ContactRow.name, ContactRow.id))
    return [as_domain(row) for row in rows]


def found_by(session: Session, tenant_id: TenantId, query: ContactQuery) -> list[Contact]:
    """Those of a company that a question finds, in the order that it names."""
    found = select(ContactRow).where(ContactRow.tenant_id == tenant_id)
    if query.kind is not None:
        found = found.where(ContactRow.kind == query.kind.value)
    for word in query.words.casefold().split():
        texts = func.lower(ContactRow.name), ContactRow.email_key
        found = found.where(or_(*(each.contains(word, autoescape=True) for each in texts)))
    by = [*_ORDERS[query.sort], ContactRow.id]
    rows = session.scalars(found.order_by(*(each.desc() if query.is_reversed else each for each in by)))
    return [as_domain(row) for row in rows]


def count_of(session: Session, tenant_id: TenantId) -> int:
    return session.scalar(select(func.count()).where(ContactRow.tenant_id == tenant_id)) or 0


def find_same(session: Session, tenant_id: TenantId, kind: ContactKind, email_key: str) -> ContactRow | None:
    query = select(ContactRow).where(ContactRow.tenant_id == tenant_id, ContactRow.kind == kind.value)
    return session.scalar(query.where(ContactRow.email_key == email_key))


def delete_all_of(session: Session, tenant_id: TenantId) -> None:
    session.execute(delete(ContactRow).where(ContactRow.tenant_id == tenant_id))


def find_by_token(session: Session, token_hash: bytes) -> ContactRow | None:
    return session.scalar(select(ContactRow).where(ContactRow.token_hash == token_hash))


_BY_NAME = func.lower(ContactRow.name)
_ORDERS: Mapping[ContactSort, tuple[Any, ...]] = {
    ContactSort.KIND: (ContactRow.kind, _BY_NAME),
    ContactSort.NAME: (_BY_NAME,),
    ContactSort.EMAIL: (ContactRow.email_key,),
}
