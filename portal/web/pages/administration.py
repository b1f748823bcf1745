"""The administration of a company: its people, their profiles, and the security of its mail, each with its way in."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.ids import TenantId
from portal.domain.people import UserQuery
from portal.domain.roles import Permission
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page
from portal.web.selecting import default_name

bp = Blueprint("administration", __name__, url_prefix="/t/<uuid:tenant_id>/administration")


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def show(tenant_id: UUID) -> ResponseReturnValue:
    actor, own = current_actor(), TenantId(tenant_id)
    overview = services().mail_configs.overview(actor, own)
    return page(
        "administration/show.html",
        tenant=current_tenant(),
        people=services().users.page(actor, own, UserQuery()).everybody,
        profiles=len(services().profiles.overview(actor, own)),
        overview=overview,
        default=default_name(current_tenant()),
    )
