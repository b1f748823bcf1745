"""A profile is a group of a company's people, under a name and with a place in the order of all profiles."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import ProfileId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields, whole_number
from portal.web.forms.profiles import ProfileForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.profile_page import show_profile
from portal.web.responses import page, see_other, unprocessable

bp = Blueprint("profiles", __name__, url_prefix="/t/<uuid:tenant_id>/profiles")


@bp.get("")
@requires(Permission.VIEW_USERS)
def index(tenant_id: UUID) -> ResponseReturnValue:
    lines = services().profiles.overview(current_actor(), TenantId(tenant_id))
    return page("profiles/index.html", tenant=current_tenant(), lines=lines, opened=request.args.get("menu", ""))


@bp.get("/new")
@requires(Permission.EDIT_PROFILES)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    return page("profiles/new.html", tenant=current_tenant(), form=ProfileForm(formdata=None))


@bp.post("")
@requires(Permission.EDIT_PROFILES)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = ProfileForm()
    try:
        if not form.validate():
            return unprocessable("profiles/new.html", tenant=current_tenant(), form=form)
        profile = services().profiles.create(current_actor(), TenantId(tenant_id), name=form.name.data or "")
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("profiles/new.html", tenant=current_tenant(), form=form)
    flash(_("Success: added “%(name)s”. Now say who is in it.", name=profile.name), "success")
    return see_other(url_for("profiles.show", tenant_id=tenant_id, profile_id=profile.id))


@bp.get("/<uuid:profile_id>")
@requires(Permission.VIEW_USERS)
def show(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    return show_profile(services().profiles.get(current_actor(), TenantId(tenant_id), ProfileId(profile_id)))


@bp.post("/<uuid:profile_id>")
@requires(Permission.EDIT_PROFILES)
def update(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    profile = services().profiles.get(current_actor(), TenantId(tenant_id), ProfileId(profile_id))
    form = ProfileForm()
    try:
        if not form.validate():
            return show_profile(profile, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        profile = services().profiles.rename(
            current_actor(),
            profile.tenant_id,
            profile.id,
            name=form.name.data or "",
            version=whole_number(form.version.data),
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return show_profile(profile, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError:
        form.version.data = str(profile.version)
        return show_profile(profile, form=form, status=HTTPStatus.CONFLICT)
    flash(_("Saved “%(name)s”.", name=profile.name), "success")
    return see_other(url_for("profiles.show", tenant_id=tenant_id, profile_id=profile.id))
