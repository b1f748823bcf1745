"""A contact is somebody whom a company names for its invoices, its servers or complaints."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.contacts import ContactKind, ContactQuery, ContactSort
from portal.domain.errors import InvalidError, TooManyError
from portal.domain.ids import ContactId, TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.contacts import ASKED, ContactForm, query_from
from portal.web.forms.fields import say_at_fields
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable
from portal.web.sentences import contact_kind_name, limit_sentence
from portal.web.sorting import Sorting, sorting

bp = Blueprint("contacts", __name__, url_prefix="/t/<uuid:tenant_id>/contacts")


@bp.get("")
@requires(Permission.VIEW_CONTACTS)
def index(tenant_id: UUID) -> ResponseReturnValue:
    query = query_from(request.args)
    return page(
        "contacts/index.html",
        tenant=current_tenant(),
        contacts=services().contacts.overview(current_actor(), TenantId(tenant_id), query),
        query=query,
        kinds=[("", _("For whatever")), *((each.value, contact_kind_name(each)) for each in ContactKind)],
        sorting=_sorting(query),
        kind_name=contact_kind_name,
    )


def _sorting(query: ContactQuery) -> dict[str, Sorting]:
    tenant_id, asked = current_tenant().id, {name: request.args[name] for name in ASKED if request.args.get(name)}

    def url(question: Mapping[str, str]) -> str:
        return url_for("contacts.index", tenant_id=tenant_id, **question)  # type: ignore[arg-type]  # texts

    now, turned = query.sort.value, query.is_reversed
    return {each.value: sorting(url, asked, each.value, now=now, is_reversed=turned) for each in ContactSort}


@bp.get("/new")
@requires(Permission.EDIT_CONTACTS)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    return page("contacts/new.html", **_around(ContactForm(formdata=None, data={"kind": "billing"})))


@bp.post("")
@requires(Permission.EDIT_CONTACTS)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = ContactForm()
    around = _around(form)
    if not form.validate():
        return unprocessable("contacts/new.html", **around)
    try:
        contact = services().contacts.add(
            current_actor(),
            TenantId(tenant_id),
            kind=form.kind.data,
            name=form.name.data or "",
            email=form.email.data or "",
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("contacts/new.html", **around)
    except TooManyError as limit:
        form.email.errors = [limit_sentence(limit)]
        return unprocessable("contacts/new.html", **around)
    flash(_("%(email)s was asked to agree by mail.", email=contact.email), "success")
    return see_other(url_for("contacts.index", tenant_id=tenant_id))


@bp.post("/<uuid:contact_id>/confirmation")
@requires(Permission.EDIT_CONTACTS)
def update(tenant_id: UUID, contact_id: UUID) -> ResponseReturnValue:
    """Ask once more."""
    try:
        contact = services().contacts.ask_again(current_actor(), TenantId(tenant_id), ContactId(contact_id))
    except InvalidError:
        flash(_("Nothing was sent: this contact has agreed already."), "error")
    except TooManyError as limit:
        flash(limit_sentence(limit), "error")
    else:
        flash(_("A new link is on its way to %(email)s.", email=contact.email), "success")
    return see_other(url_for("contacts.index", tenant_id=tenant_id))


@bp.post("/<uuid:contact_id>/removal")
@requires(Permission.EDIT_CONTACTS)
def delete(tenant_id: UUID, contact_id: UUID) -> ResponseReturnValue:
    contact = services().contacts.remove(current_actor(), TenantId(tenant_id), ContactId(contact_id))
    flash(_("%(email)s is no contact any more.", email=contact.email), "success")
    return see_other(url_for("contacts.index", tenant_id=tenant_id))


@bp.get("/<uuid:contact_id>/removal")
@requires(Permission.EDIT_CONTACTS)
def edit(tenant_id: UUID, contact_id: UUID) -> ResponseReturnValue:
    """The question before a removal."""
    contact = services().contacts.get(current_actor(), TenantId(tenant_id), ContactId(contact_id))
    return page("contacts/removal.html", tenant=current_tenant(), contact=contact, kind_name=contact_kind_name)


def _around(form: ContactForm) -> dict[str, Any]:
    form.offer_kinds()
    return {"tenant": current_tenant(), "form": form}
