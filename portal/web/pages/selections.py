"""A selection is the tenant's choice of the configuration that all its system mail uses."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.forms.fields import id_from
from portal.web.forms.trials import PROVIDER_DEFAULT
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable
from portal.web.selecting import default_name, select_and_announce

bp = Blueprint("selections", __name__, url_prefix="/t/<uuid:tenant_id>/selection")


@bp.get("")
@requires(Permission.SELECT_CONFIG)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    """The question, for whoever comes from elsewhere."""
    if not (chosen := request.args.get("config", "")):
        return see_other(url_for("mail_configs.index", tenant_id=current_tenant().id))
    return page("selections/new.html", **_asked(chosen), typed="", problem="")


@bp.post("")
@requires(Permission.SELECT_CONFIG)
def create(_tenant_id: UUID) -> ResponseReturnValue:
    """It takes effect at once; where the mail of many changes its way, the name is asked for first."""
    chosen = request.form.get("config", "")
    asked = _asked(chosen)
    if problem := problem_with(asked["impact"], asked["name"]):
        said = problem if "confirmation" in request.form else ""
        return unprocessable("selections/new.html", **asked, typed=typed_confirmation(), problem=said)
    select_and_announce(_config_in(chosen))
    return see_other(url_for("mail_configs.index", tenant_id=current_tenant().id))


def _asked(chosen: str) -> dict[str, Any]:
    actor, tenant, config_id = current_actor(), current_tenant(), _config_in(chosen)
    impact = services().impacts.of_selection(actor, tenant.id, config_id)
    name = services().mail_configs.get(actor, tenant.id, config_id).name if config_id else default_name(tenant)
    return {"tenant": tenant, "chosen": chosen, "name": name, "impact": impact}


def _config_in(chosen: str) -> ConfigId | None:
    """Raises NotFoundError for what is no id."""
    return None if chosen == PROVIDER_DEFAULT else ConfigId(id_from(chosen))
