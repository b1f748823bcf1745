"""A brand host is a name of a company's own for the portal, which it asks the operator for."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import BrandHostId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.brand_page import around
from portal.web.forms.brandings import BrandHostForm, BrandingForm
from portal.web.forms.fields import say_at_fields
from portal.web.identity import current_actor, services
from portal.web.policy import requires
from portal.web.responses import page, see_other

bp = Blueprint("brand_hosts", __name__, url_prefix="/t/<uuid:tenant_id>/brand-hosts")


@bp.post("")
@requires(Permission.EDIT_TENANT)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = BrandHostForm()
    actor, own = current_actor(), TenantId(tenant_id)
    try:
        host = services().brand_hosts.ask(actor, own, form.host_name.data or "")
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        found = services().brandings.get(actor, own)
        shown = around(BrandingForm.of(found.own, found.version), form, found)
        return page("brandings/edit.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)
    flash(_("Whoever runs the portal was asked for %(name)s.", name=host.name), "success")
    return see_other(url_for("brandings.edit", tenant_id=tenant_id))


@bp.post("/<uuid:host_id>/removal")
@requires(Permission.EDIT_TENANT)
def delete(tenant_id: UUID, host_id: UUID) -> ResponseReturnValue:
    name = services().brand_hosts.give_up(current_actor(), TenantId(tenant_id), BrandHostId(host_id))
    flash(_("%(name)s is given up.", name=name), "success")
    return see_other(url_for("brandings.edit", tenant_id=tenant_id))


@bp.get("/<uuid:host_id>/removal")
@requires(Permission.EDIT_TENANT)
def show(tenant_id: UUID, host_id: UUID) -> ResponseReturnValue:
    """The question before a name is given up."""
    host = services().brand_hosts.get(current_actor(), TenantId(tenant_id), BrandHostId(host_id))
    return page("brand_hosts/removal.html", host=host, tenant_id=tenant_id)
