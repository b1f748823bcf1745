"""A selection is the tenant's choice of the configuration that all its system mail uses."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.web.forms.fields import id_from
from portal.web.forms.trials import PROVIDER_DEFAULT
from portal.web.identity import current_tenant
from portal.web.policy import requires
from portal.web.responses import see_other
from portal.web.selecting import select_and_announce

bp = Blueprint("selections", __name__, url_prefix="/t/<uuid:tenant_id>/selection")


@bp.post("")
@requires(Permission.SELECT_CONFIG)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    chosen = request.form.get("config", "")
    select_and_announce(None if chosen == PROVIDER_DEFAULT else ConfigId(id_from(chosen)))
    return see_other(url_for("mail_configs.index", tenant_id=current_tenant().id))
