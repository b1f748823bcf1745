"""Several configurations are ticked on a page of their own, where a click selects nothing."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.domain.roles import Permission
from portal.web.forms.several import MOST_AT_ONCE
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page

bp = Blueprint("several", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/several")


@bp.get("")
@requires(Permission.TEST_CONFIGS)
def index(_tenant_id: UUID) -> ResponseReturnValue:
    overview = services().mail_configs.overview(current_actor(), current_tenant().id)
    return page(
        "several/index.html", overview=overview, most=MOST_AT_ONCE, all_ticked=request.args.get("tick") == "all"
    )
