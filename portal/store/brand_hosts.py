"""Knows the rows of brand hosts: which names companies asked for, and which of them the operator approved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, delete, exists, func, select, text, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.brand_book import HostPlace
from portal.domain.brand_hosts import BrandHost
from portal.domain.errors import NotFoundError
from portal.domain.ids import BrandHostId, TenantId
from portal.domain.tenancy import Tenant
from portal.store.db import Model, UtcTime
from portal.store.tenants import TenantRow

_APPROVED = "approved_at IS NOT NULL"


class BrandHostRow(Model):
    """Several companies may ask for a name, one of them has it: a name that is asked for blocks nobody."""

    __tablename__ = "brand_hosts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        Index(
            "uq_brand_hosts_name_approved",
            "name",
            unique=True,
            sqlite_where=text(_APPROVED),
            postgresql_where=text(_APPROVED),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(253))
    asked_at: Mapped[datetime] = mapped_column(UtcTime())
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime())
    is_flagged: Mapped[bool]


def _with_company() -> Select[BrandHostRow, str]:
    return select(BrandHostRow, TenantRow.name).join(TenantRow, TenantRow.id == BrandHostRow.tenant_id)


def as_domain(row: BrandHostRow, company: str) -> BrandHost:
    return BrandHost(
        id=BrandHostId(row.id),
        tenant_id=TenantId(row.tenant_id),
        company=company,
        name=row.name,
        asked_at=row.asked_at,
        approved_at=row.approved_at,
        is_flagged=row.is_flagged,
    )


def get_row(session: Session, tenant_id: TenantId, host_id: BrandHostId) -> BrandHostRow:
    """A name of this very company. Raises NotFoundError."""
    theirs = BrandHostRow.tenant_id == tenant_id, BrandHostRow.id == host_id
    row = session.scalar(select(BrandHostRow).where(*theirs))
    if row is None:
        raise NotFoundError
    return row


def get_by_id(session: Session, host_id: BrandHostId) -> BrandHostRow:
    """Whosoever it is, for the operator. Raises NotFoundError."""
    row = session.get(BrandHostRow, host_id)
    if row is None:
        raise NotFoundError
    return row


def of_tenant(session: Session, tenant_id: TenantId) -> list[BrandHost]:
    query = _with_company().where(BrandHostRow.tenant_id == tenant_id).order_by(BrandHostRow.name)
    return [as_domain(row, company) for row, company in session.execute(query)]


def all_of_them(session: Session) -> list[BrandHost]:
    """Of every company, those that wait for the operator first."""
    waits = BrandHostRow.approved_at.is_(None) | BrandHostRow.is_flagged
    query = _with_company().order_by(waits.desc(), BrandHostRow.name, BrandHostRow.asked_at)
    return [as_domain(row, company) for row, company in session.execute(query)]


def count_waiting(session: Session) -> int:
    waits = BrandHostRow.approved_at.is_(None) | BrandHostRow.is_flagged
    return session.scalar(select(func.count()).select_from(BrandHostRow).where(waits)) or 0


def find_holder(session: Session, name: str) -> BrandHost | None:
    """Who has this name now, if anybody."""
    query = _with_company().where(BrandHostRow.name == name, BrandHostRow.approved_at.is_not(None))
    found = session.execute(query).one_or_none()
    return as_domain(found[0], found[1]) if found else None


def served(session: Session) -> dict[str, HostPlace]:
    """Every name that is approved, with the company that has it."""
    query = select(BrandHostRow.name, BrandHostRow.tenant_id, TenantRow.path)
    query = query.join(TenantRow, TenantRow.id == BrandHostRow.tenant_id).where(BrandHostRow.approved_at.is_not(None))
    return {name: HostPlace(TenantId(tenant_id), path) for name, tenant_id, path in session.execute(query)}


def nearest_name(session: Session, tenant_id: TenantId) -> str | None:
    """The approved name of a company or of the nearest one above; the one that was approved first, of several."""
    own = aliased(TenantRow)
    query = (
        select(BrandHostRow.name)
        .join(TenantRow, TenantRow.id == BrandHostRow.tenant_id)
        .join(own, own.path.like(TenantRow.path + "%"))
        .where(own.id == tenant_id, BrandHostRow.approved_at.is_not(None))
        .order_by(func.length(TenantRow.path).desc(), BrandHostRow.approved_at, BrandHostRow.name)
    )
    return session.scalar(query.limit(1))


def names_below(session: Session, top: Tenant) -> list[str]:
    """The approved names of a company and everyone below it."""
    query = select(BrandHostRow.name).join(TenantRow, TenantRow.id == BrandHostRow.tenant_id)
    within = TenantRow.path.like(top.path + "%"), BrandHostRow.approved_at.is_not(None)
    return list(session.scalars(query.where(*within).order_by(BrandHostRow.name)))


def flag_below(session: Session, top: Tenant) -> None:
    """Let the operator look again at the approved names of a company and everyone below it."""
    is_within = exists().where(TenantRow.id == BrandHostRow.tenant_id, TenantRow.path.like(top.path + "%"))
    flagged = update(BrandHostRow).where(is_within, BrandHostRow.approved_at.is_not(None)).values(is_flagged=True)
    session.execute(flagged.execution_options(synchronize_session=False))


def delete_all_of(session: Session, tenant_id: TenantId) -> None:
    session.execute(delete(BrandHostRow).where(BrandHostRow.tenant_id == tenant_id))
