"""Knows which brand a company's people and mails have at this very moment."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.domain.branding import Branding, applying
from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant
from portal.store import brandings, tenants
from portal.store.row_security import looking_up


def brand_of(session: Session, tenant_id: TenantId) -> Branding:
    """What a company set, and where it set nothing the nearest one above it. Raises NotFoundError."""
    return applying(brands_of(session, tenants.lineage(session, tenants.get(session, tenant_id))))


def brands_of(session: Session, lineage: Sequence[Tenant]) -> list[Branding]:
    """What these companies set, who stand one above the other, nearest first; nothing of whoever set nothing."""
    with looking_up(session):
        return brandings.of_lineage(session, lineage)
