"""Knows how a use case enters a tenant: find it, and refuse whoever may not do this there."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.roles import Actor, Permission, ensure_may
from portal.domain.tenancy import Tenant
from portal.store import tenants

Clock = Callable[[], datetime]


def enter(session: Session, actor: Actor, tenant_id: TenantId, permission: Permission) -> Tenant:
    """Return the tenant in which the actor may do this.

    Raises NotFoundError (foreign or absent, the same), ForbiddenError or SuspendedError.
    """
    tenant = tenants.get(session, tenant_id)
    admit(actor, tenant, permission)
    return tenant


def admit(actor: Actor, tenant: Tenant, permission: Permission) -> None:
    """For whoever has read the tenant already. Raises what `enter` raises."""
    ensure_may(actor, permission, tenant)
