"""A profile moves up or down in the order in which profiles are asked."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ProfileId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.identity import current_actor, services
from portal.web.policy import requires
from portal.web.responses import see_other

bp = Blueprint("profile_moves", __name__, url_prefix="/t/<uuid:tenant_id>/profiles/<uuid:profile_id>/moves")


@bp.post("")
@requires(Permission.EDIT_PROFILES)
def create(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    up = request.form.get("direction") == "up"
    profile = services().profiles.move(current_actor(), TenantId(tenant_id), ProfileId(profile_id), up=up)
    flash(_("“%(name)s” is now number %(order)s.", name=profile.name, order=profile.order), "success")
    return see_other(url_for("profiles.index", tenant_id=tenant_id))
