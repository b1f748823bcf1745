"""A tenant is one company of the tree; its page shows everyone below it."""

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.domain.tenancy import HOLDS, TenantKind
from portal.domain.tree import MOST_BELOW, Show, TreeQuery
from portal.i18n import gettext as _
from portal.services.tenants import FirstOwner
from portal.web.company_tree import may_hold_companies, may_write, next_url, shared_parts, shown
from portal.web.forms.fields import say_at_fields
from portal.web.forms.tenants import TenantForm, TenantSettingsForm
from portal.web.forms.tree import address_of, query_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable, wants_fragment
from portal.web.sentences import show_name

bp = Blueprint("tenants", __name__, url_prefix="/t/<uuid:tenant_id>")


@bp.get("/tree")
@requires(Permission.VIEW_TREE)
def show(tenant_id: UUID) -> ResponseReturnValue:
    """A page of the tree; a script gets the rows below the company alone."""
    actor, tenant, query = current_actor(), current_tenant(), query_from(request.args)
    found = services().tree.page(actor, TenantId(tenant_id), query)
    top = shown(actor, found, query)
    if wants_fragment():
        return page("tenants/rows.html", top=top, parts=shared_parts())
    return page(
        "tenants/show.html",
        tenant=tenant,
        lineage=found.lineage,
        found=found,
        top=top if found.top.branches or found.top.is_hit or not query.is_filtered else None,
        parts=shared_parts(),
        query=query,
        shows=[("", _("Every company")), *((each.value, show_name(each)) for each in Show)],
        is_counted=found.size <= MOST_BELOW,
        most_below=MOST_BELOW,
        next_url=next_url(found, query) if query.is_filtered else "",
        first_url=address_of(tenant.id, replace(query, after="")) if query.after else "",
        failing_url=address_of(tenant.id, TreeQuery(query.words, Show.FAILING)),
        may_add=may_write(actor, tenant, Permission.CREATE_TENANT) and may_hold_companies(tenant),
    )


@bp.get("/children/new")
@requires(Permission.CREATE_TENANT)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    form = TenantForm(formdata=None)
    form.offer(_kinds())
    return page("tenants/new.html", tenant=current_tenant(), form=form)


@bp.post("/children")
@requires(Permission.CREATE_TENANT)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = TenantForm()
    form.offer(_kinds())
    if not form.validate():
        return unprocessable("tenants/new.html", tenant=current_tenant(), form=form)
    owner = FirstOwner(form.owner_email.data or "", form.owner_name.data or "")
    try:
        tenant, invited = services().tenants.create_with_owner(
            current_actor(), TenantId(tenant_id), kind=form.kind.data, name=form.name.data or "", owner=owner
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("tenants/new.html", tenant=current_tenant(), form=form)
    if invited.link is not None:
        return page("invitations/link.html", tenant=tenant, invited=invited, close_url=_tree_of(tenant_id))
    flash(
        _(
            "%(name)s is created. %(email)s gets a mail with the way in.",
            name=tenant.name,
            email=invited.email,
        ),
        "success",
    )
    return see_other(_tree_of(tenant_id))


@bp.get("/settings")
@requires(Permission.EDIT_TENANT)
def edit(_tenant_id: UUID) -> ResponseReturnValue:
    return page("tenants/edit.html", tenant=current_tenant(), form=_settings(), meanwhile=None)


@bp.post("/settings")
@requires(Permission.EDIT_TENANT)
def update(tenant_id: UUID) -> ResponseReturnValue:
    form = TenantSettingsForm()
    if not form.validate() or form.version.data is None:
        return _settings_again(form)
    try:
        tenant = services().tenants.rename(
            current_actor(),
            TenantId(tenant_id),
            name=form.name.data or "",
            shows_sender=form.shows_sender.data,
            version=form.version.data,
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return _settings_again(form)
    except ConflictError:
        return _meanwhile(form)
    flash(_("%(name)s is saved.", name=tenant.name), "success")
    return see_other(_tree_of(tenant_id))


def _kinds() -> tuple[TenantKind, ...]:
    tenant = current_tenant()
    return HOLDS[tenant.kind] if may_hold_companies(tenant) else ()


def _settings() -> TenantSettingsForm:
    tenant = current_tenant()
    return TenantSettingsForm(formdata=None, name=tenant.name, shows_sender=tenant.shows_sender, version=tenant.version)


def _settings_again(form: TenantSettingsForm) -> ResponseReturnValue:
    if form.version.data is None:
        raise ConflictError
    return unprocessable("tenants/edit.html", tenant=current_tenant(), form=form, meanwhile=None)


def _meanwhile(form: TenantSettingsForm) -> ResponseReturnValue:
    """Both versions on one page; saving again is then a decision."""
    tenant = current_tenant()
    form.version.data = form.version.raw_data = None
    form.version.process_data(tenant.version)
    return page(
        "tenants/edit.html",
        status=HTTPStatus.CONFLICT,
        tenant=tenant,
        form=form,
        meanwhile=tenant,
        fragment=False,
    )


def _tree_of(tenant_id: UUID) -> str:
    return url_for("tenants.show", tenant_id=tenant_id)
