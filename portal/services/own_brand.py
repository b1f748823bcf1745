"""Knows which brand a company's people and mails have at this very moment."""

from sqlalchemy.orm import Session

from portal.domain.branding import Branding, applying
from portal.domain.ids import TenantId
from portal.store import brandings, tenants


def brand_of(session: Session, tenant_id: TenantId) -> Branding:
    """What a company set, and where it set nothing the nearest one above it. Raises NotFoundError."""
    return applying(brandings.of_lineage(session, tenants.lineage(session, tenants.get(session, tenant_id))))
