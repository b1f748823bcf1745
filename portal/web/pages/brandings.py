"""A brand is what a company calls the portal and how it looks, for its people and for everybody below."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.branding import TypedBranding
from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.services.brandings import OwnBranding
from portal.web.brand_page import around
from portal.web.forms.brandings import BrandHostForm, BrandingForm
from portal.web.forms.fields import say_at_fields, whole_number
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other

bp = Blueprint("brandings", __name__, url_prefix="/t/<uuid:tenant_id>/branding")


@bp.get("")
@requires(Permission.VIEW_TREE)
def edit(_tenant_id: UUID) -> ResponseReturnValue:
    found = _found()
    return _shown(BrandingForm.of(found.own, found.version), found)


@bp.post("")
@requires(Permission.EDIT_TENANT)
def update(tenant_id: UUID) -> ResponseReturnValue:
    form = BrandingForm()
    typed = form.typed()
    try:
        if "preview" in request.form:
            return _shown(form, services().brandings.tried(current_actor(), TenantId(tenant_id), typed))
        _change(form, typed)
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return _shown(form, _found(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError:
        found = _found()
        form.version.raw_data = None
        form.version.process_data(found.version)
        return _shown(form, found, status=HTTPStatus.CONFLICT)
    flash(_("The brand is saved."), "success")
    return see_other(url_for("brandings.edit", tenant_id=tenant_id))


@bp.get("/reset")
@requires(Permission.EDIT_TENANT)
def show(_tenant_id: UUID) -> ResponseReturnValue:
    """The question before everything is inherited again."""
    return page("brandings/reset.html", tenant=current_tenant(), found=_found())


@bp.post("/reset")
@requires(Permission.EDIT_TENANT)
def delete(tenant_id: UUID) -> ResponseReturnValue:
    version = whole_number(request.form.get("version"))
    services().brandings.reset(current_actor(), TenantId(tenant_id), version=version)
    flash(_("The brand of the company above applies again."), "success")
    return see_other(url_for("brandings.edit", tenant_id=tenant_id))


def _change(form: BrandingForm, typed: TypedBranding) -> None:
    if form.version.data is None:
        raise ConflictError
    services().brandings.change(current_actor(), current_tenant().id, typed, version=form.version.data)


def _found() -> OwnBranding:
    return services().brandings.get(current_actor(), current_tenant().id)


def _shown(form: BrandingForm, found: OwnBranding, *, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    shown = around(form, BrandHostForm(formdata=None), found)
    shown["is_tried"] = "preview" in request.form and status is HTTPStatus.OK
    shown["changed_meanwhile"] = status is HTTPStatus.CONFLICT
    return page("brandings/edit.html", status=status, **shown)
