"""A closure ends a company for good; what it did stays in the logs."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("closures", __name__, url_prefix="/t/<uuid:tenant_id>/closure")


@bp.get("")
@requires(Permission.CLOSE_TENANT)
@freshly_proven()
def new(tenant_id: UUID) -> ResponseReturnValue:
    return page("closures/new.html", **_what_goes(TenantId(tenant_id)), typed="", problem="")


@bp.post("")
@requires(Permission.CLOSE_TENANT)
@freshly_proven()
def create(tenant_id: UUID) -> ResponseReturnValue:
    going = _what_goes(TenantId(tenant_id))
    if problem := problem_with(going["impact"], current_tenant().name):
        return unprocessable("closures/new.html", **going, typed=typed_confirmation(), problem=problem)
    try:
        tenant = services().tenants.close(current_actor(), TenantId(tenant_id))
    except InvalidError:
        return unprocessable("closures/new.html", **_what_goes(TenantId(tenant_id)), typed="", problem="")
    flash(_("%(name)s is closed.", name=tenant.name), "success")
    return see_other(url_for("tenants.show", tenant_id=tenant.parent_id))


def _what_goes(tenant_id: TenantId) -> dict[str, Any]:
    actor = current_actor()
    impact = services().impacts.of_rest(actor, tenant_id)
    return {
        "tenant": current_tenant(),
        "impact": impact,
        "below": impact.companies - 1,
        "people": len(services().invitations.people(actor, tenant_id)),
        "configs": len(services().mail_configs.names(actor, tenant_id)),
    }
