"""Members are the people in a profile; they come and go one by one or many at once."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import ProfileId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web.forms.fields import say_at_fields
from portal.web.forms.profiles import MembersForm
from portal.web.forms.users import users_from
from portal.web.identity import current_actor, services
from portal.web.policy import requires
from portal.web.profile_page import show_profile
from portal.web.responses import see_other

bp = Blueprint("members", __name__, url_prefix="/t/<uuid:tenant_id>/profiles/<uuid:profile_id>/members")


@bp.post("")
@requires(Permission.EDIT_PROFILES)
def create(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    profile = services().profiles.get(current_actor(), TenantId(tenant_id), ProfileId(profile_id))
    form = MembersForm()
    try:
        number = services().profiles.add_by_email(
            current_actor(), profile.tenant_id, profile.id, emails=form.emails.data or ""
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return show_profile(profile, members_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(ngettext("Success: added %(number)s person.", "Success: added %(number)s people.", number), "success")
    return see_other(url_for("profiles.show", tenant_id=tenant_id, profile_id=profile_id))


@bp.post("/removal")
@requires(Permission.EDIT_PROFILES)
def delete(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    ticked = users_from(request.form.getlist("user"))
    number = services().profiles.remove_members(current_actor(), TenantId(tenant_id), ProfileId(profile_id), ticked)
    said = ngettext("Success: removed %(number)s person.", "Success: removed %(number)s people.", number)
    flash(said if ticked else _("Nobody was ticked, so nobody was removed."), "success" if ticked else "error")
    return see_other(url_for("profiles.show", tenant_id=tenant_id, profile_id=profile_id))
