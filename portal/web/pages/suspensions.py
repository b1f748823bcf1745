"""A suspension lets a company and everyone below it rest."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.domain.tenancy import TenantStatus
from portal.i18n import gettext as _
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("suspensions", __name__, url_prefix="/t/<uuid:tenant_id>")


@bp.get("/suspension")
@requires(Permission.SUSPEND_TENANT)
def new(tenant_id: UUID) -> ResponseReturnValue:
    return page("suspensions/new.html", **_asked(TenantId(tenant_id)), typed="", problem="")


@bp.post("/suspension")
@requires(Permission.SUSPEND_TENANT)
def create(tenant_id: UUID) -> ResponseReturnValue:
    asked = _asked(TenantId(tenant_id))
    if problem := problem_with(asked["impact"], current_tenant().name):
        return unprocessable("suspensions/new.html", **asked, typed=typed_confirmation(), problem=problem)
    tenant = services().tenants.suspend(current_actor(), TenantId(tenant_id))
    flash(_("%(name)s is suspended.", name=tenant.name), "success")
    return see_other(_tree())


@bp.post("/suspension/end")
@requires(Permission.SUSPEND_TENANT)
def delete(tenant_id: UUID) -> ResponseReturnValue:
    tenant = services().tenants.resume(current_actor(), TenantId(tenant_id))
    flash(_("%(name)s works again; mail that was held goes out now.", name=tenant.name), "success")
    return see_other(_tree())


def _asked(tenant_id: TenantId) -> dict[str, Any]:
    tenant, impact = current_tenant(), services().impacts.of_rest(current_actor(), tenant_id)
    return {
        "tenant": tenant,
        "impact": impact,
        "below": impact.companies - 1,
        "is_suspended": tenant.status is TenantStatus.SUSPENDED,
    }


def _tree() -> str:
    """The page of the level above: there the company stands as one among others."""
    tenant = current_tenant()
    return url_for("tenants.show", tenant_id=tenant.parent_id)
