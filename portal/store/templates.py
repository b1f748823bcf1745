"""Knows the rows of companies' own words for the portal's mails."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import TenantId
from portal.domain.outgoing import Purpose
from portal.domain.templates import Wording
from portal.domain.tenancy import Tenant
from portal.store.db import Model, UtcTime, once


class TemplateRow(Model):
    """One mail in one language; `published` and `draft` are wordings, at least one of which is there."""

    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("tenant_id", "purpose", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    purpose: Mapped[str] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(10))
    published: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    published_at: Mapped[datetime | None] = mapped_column(UtcTime())
    version: Mapped[int]


def find_row(session: Session, tenant_id: TenantId, purpose: Purpose, language: str) -> TemplateRow | None:
    return session.scalars(
        select(TemplateRow).where(
            TemplateRow.tenant_id == tenant_id,
            TemplateRow.purpose == purpose.value,
            TemplateRow.language == language,
        )
    ).one_or_none()


def published_for(
    session: Session, lineage: Sequence[Tenant], languages: Sequence[str]
) -> dict[tuple[TenantId, str, str], TemplateRow]:
    """What any of these tenants published in any of these languages, by tenant, purpose and language."""
    above = tuple(each.id for each in lineage)
    published = select(TemplateRow).where(
        TemplateRow.tenant_id.in_(above),
        TemplateRow.language.in_(languages),
        TemplateRow.published.is_not(None),
    )
    rows = once(session, ("published", above, *languages), lambda: session.scalars(published).all())
    return {(TenantId(row.tenant_id), row.purpose, row.language): row for row in rows}


def of_tenant(session: Session, tenant_id: TenantId, language: str) -> dict[str, TemplateRow]:
    """The tenant's own in one language, by purpose."""
    rows = session.scalars(
        select(TemplateRow).where(TemplateRow.tenant_id == tenant_id, TemplateRow.language == language)
    )
    return {row.purpose: row for row in rows}


def shape_of(wording: Wording) -> dict[str, Any]:
    return asdict(wording)


def wording_from(shape: Mapping[str, Any]) -> Wording:
    return Wording(**shape)
