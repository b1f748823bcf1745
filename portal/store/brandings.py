"""Knows the rows of brands: what each company set, its logo's bytes, and the number that changes with any of them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.branding import INHERITED, Branding, Logo
from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant
from portal.store.db import Model, at_once, table_of
from portal.store.tenants import TenantRow


class BrandingRow(Model):
    """None is what is inherited. `logo_hash` and `logo_kind` are those of the bytes in `logo`, which few ask for."""

    __tablename__ = "brandings"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), primary_key=True)
    product: Mapped[str | None] = mapped_column(String(60))
    accent: Mapped[str | None] = mapped_column(String(7))
    support: Mapped[str | None] = mapped_column(String(320))
    privacy: Mapped[str | None] = mapped_column(String(600))
    terms: Mapped[str | None] = mapped_column(String(600))
    imprint: Mapped[str | None] = mapped_column(String(600))
    logo_hash: Mapped[str | None] = mapped_column(String(32))
    logo_kind: Mapped[str | None] = mapped_column(String(20))
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    starts_afresh: Mapped[bool]
    version: Mapped[int]


class BrandStateRow(Model):
    """One row alone. Its version changes whenever a brand, a name or the place of a company does."""

    __tablename__ = "brand_states"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


_VERSION = select(BrandStateRow.version)
_BUMP = update(table_of(BrandStateRow)).values(version=BrandStateRow.version + 1)


def version(session: Session) -> int:
    """The number that tells whether anything changed."""
    return session.scalar(_VERSION) or 0


def note_change(session: Session) -> None:
    """Call it with every change that shows: every process looks anew within seconds after its commit."""
    at_once(session, _BUMP)


def as_domain(row: BrandingRow) -> Branding:
    has_logo = row.logo_hash is not None and row.logo_kind is not None
    logo = Logo(str(row.logo_hash), str(row.logo_kind)) if has_logo else None
    values = {name: getattr(row, name) for name in INHERITED if name != "logo"}
    return Branding(**values, logo=logo, starts_afresh=row.starts_afresh)


def find_row(session: Session, tenant_id: TenantId) -> BrandingRow | None:
    return session.scalar(select(BrandingRow).where(BrandingRow.tenant_id == tenant_id))


def write(session: Session, tenant_id: TenantId, set_to: Branding, logo: bytes) -> None:
    """Keep what a company sets. `logo` are the bytes of a new one, empty where it keeps its own or has none."""
    row = find_row(session, tenant_id)
    if row is None:
        row = BrandingRow(tenant_id=tenant_id, version=0)
        session.add(row)
    for name in INHERITED:
        if name != "logo":
            setattr(row, name, getattr(set_to, name))
    row.logo_hash = set_to.logo.hash if set_to.logo else None
    row.logo_kind = set_to.logo.kind if set_to.logo else None
    if logo or set_to.logo is None:
        row.logo = logo or None
    row.starts_afresh = set_to.starts_afresh
    row.version += 1
    session.flush()
    note_change(session)


def delete_of(session: Session, tenant_id: TenantId) -> None:
    session.execute(delete(BrandingRow).where(BrandingRow.tenant_id == tenant_id))
    note_change(session)


def of_lineage(session: Session, lineage: Sequence[Tenant]) -> list[Branding]:
    """What these companies set, who stand one above the other, nearest first; nothing of whoever set nothing."""
    query = select(BrandingRow).join(TenantRow, TenantRow.id == BrandingRow.tenant_id)
    query = query.where(BrandingRow.tenant_id.in_([each.id for each in lineage]))
    return [as_domain(row) for row in session.scalars(query.order_by(func.length(TenantRow.path).desc()))]


def all_by_path(session: Session) -> dict[str, Branding]:
    query = select(BrandingRow, TenantRow.path).join(TenantRow, TenantRow.id == BrandingRow.tenant_id)
    return {path: as_domain(row) for row, path in session.execute(query)}


def bytes_of(session: Session, logo: Logo) -> bytes | None:
    """The bytes of a logo, or None once nobody has it any more; whoever has the same has the same bytes."""
    return session.scalar(select(BrandingRow.logo).where(BrandingRow.logo_hash == logo.hash).limit(1))
