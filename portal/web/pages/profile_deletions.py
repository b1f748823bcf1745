"""The deletion of a profile is asked for, told what it touches, and confirmed."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import ProfileId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other

bp = Blueprint("profile_deletions", __name__, url_prefix="/t/<uuid:tenant_id>/profiles/<uuid:profile_id>/deletion")


@bp.get("")
@requires(Permission.EDIT_PROFILES)
def new(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    profile = services().profiles.get(current_actor(), TenantId(tenant_id), ProfileId(profile_id))
    members = services().profiles.members(current_actor(), TenantId(tenant_id), profile.id)
    return page("profile_deletions/new.html", tenant=current_tenant(), profile=profile, members=members)


@bp.post("")
@requires(Permission.EDIT_PROFILES)
def create(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    profile = services().profiles.delete(current_actor(), TenantId(tenant_id), ProfileId(profile_id))
    flash(_("Success: deleted “%(name)s”.", name=profile.name), "success")
    return see_other(url_for("profiles.index", tenant_id=tenant_id))
