"""A deletion is asked for, told what it touches, and confirmed."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.confirming import problem_with, typed_confirmation
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable
from portal.web.selecting import default_name

bp = Blueprint("deletions", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/<uuid:config_id>/deletion")


@bp.get("")
@requires(Permission.EDIT_CONFIGS)
def new(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    return page("mail_configs/deletion.html", **_asked(ConfigId(config_id)), typed="", problem="")


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def create(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    tenant, asked = current_tenant(), _asked(ConfigId(config_id))
    if problem := problem_with(asked["impact"], asked["usage"].config.name):
        return unprocessable("mail_configs/deletion.html", **asked, typed=typed_confirmation(), problem=problem)
    config = services().mail_configs.delete(current_actor(), tenant.id, ConfigId(config_id))
    said = _("Success: deleted “%(name)s”.", name=config.name)
    if config.id == tenant.active_config_id:
        said = f"{said} {_('%(name)s takes over.', name=default_name(tenant))}"
    flash(said, "success")
    return see_other(url_for("mail_configs.index", tenant_id=tenant.id))


def _asked(config_id: ConfigId) -> dict[str, Any]:
    actor, tenant = current_actor(), current_tenant()
    return {
        "usage": services().mail_configs.usage(actor, tenant.id, config_id),
        "impact": services().impacts.of_deletion(actor, tenant.id, config_id),
        "default": default_name(tenant),
    }
