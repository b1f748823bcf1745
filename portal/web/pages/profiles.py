"""A profile is a group of a company's people, under a name and with a place in the order of all profiles."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import ProfileId, TenantId
from portal.domain.profiles import ProfileQuery, ProfileSort
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields, whole_number
from portal.web.forms.profiles import ProfileForm, asked_in, query_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.profile_page import show_profile
from portal.web.responses import page, see_other, unprocessable
from portal.web.sorting import Sorting, sorting

bp = Blueprint("profiles", __name__, url_prefix="/t/<uuid:tenant_id>/profiles")


@bp.get("")
@requires(Permission.VIEW_USERS)
def index(tenant_id: UUID) -> ResponseReturnValue:
    query = query_from(request.args)
    return page(
        "profiles/index.html",
        tenant=current_tenant(),
        lines=services().profiles.overview(current_actor(), TenantId(tenant_id), query),
        query=query,
        sorting=_sorting(query),
        opened=request.args.get("menu", ""),
        opening=_url({**asked_in(request.args), "menu": ""}),
    )


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


def _sorting(query: ProfileQuery) -> dict[str, Sorting]:
    now, turned = query.sort.value, query.is_reversed
    return {each.value: sorting(_url, {}, each.value, now=now, is_reversed=turned) for each in ProfileSort}


def _url(asked: Mapping[str, str]) -> str:
    return url_for("profiles.index", tenant_id=current_tenant().id, **asked)  # type: ignore[arg-type]  # texts
