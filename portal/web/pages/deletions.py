"""A deletion is asked for, told what it touches, and confirmed."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ConfigId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other
from portal.web.selecting import default_name

bp = Blueprint("deletions", __name__, url_prefix="/t/<uuid:tenant_id>/mail-configs/<uuid:config_id>/deletion")


@bp.get("")
@requires(Permission.EDIT_CONFIGS)
def new(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    impact = services().mail_configs.impact(current_actor(), current_tenant().id, ConfigId(config_id))
    return page("mail_configs/deletion.html", impact=impact, default=default_name(current_tenant()))


@bp.post("")
@requires(Permission.EDIT_CONFIGS)
def create(_tenant_id: UUID, config_id: UUID) -> ResponseReturnValue:
    tenant = current_tenant()
    config = services().mail_configs.delete(current_actor(), tenant.id, ConfigId(config_id))
    said = _("Success: deleted “%(name)s”.", name=config.name)
    if config.id == tenant.active_config_id:
        said = f"{said} {_('%(name)s takes over.', name=default_name(tenant))}"
    flash(said, "success")
    return see_other(url_for("mail_configs.index", tenant_id=tenant.id))
