"""An invoice is a PDF that a company is sent by the one above it, to its billing contacts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError
from portal.domain.ids import InvoiceId, TenantId, new_id
from portal.domain.invoices import LARGEST_PDF
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.contacts import InvoiceForm
from portal.web.forms.fields import id_from, say_at_fields
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other, unprocessable
from portal.web.sentences import outcome, plain_outcome

bp = Blueprint("invoices", __name__, url_prefix="/t/<uuid:tenant_id>/invoices")
_FORM = 64 * 1024  # octets around the file
_TONES = {State.SENT: "good", State.FAILED: "bad", State.EXPIRED: "bad", State.QUARANTINED: "bad"}


@bp.url_value_preprocessor
def allow_a_file(endpoint: str | None, _values: Mapping[str, Any] | None) -> None:
    """Everything else takes one MiB; before anything of the form is read, this one takes a PDF."""
    if endpoint == "invoices.create":
        request.max_content_length = LARGEST_PDF + _FORM


@bp.get("")
@requires(Permission.VIEW_CONTACTS)
def index(tenant_id: UUID) -> ResponseReturnValue:
    actor, tenant = current_actor(), current_tenant()
    return page(
        "invoices/index.html",
        tenant=tenant,
        invoices=services().invoices.overview(actor, TenantId(tenant_id)),
        tone=_tone,
        reason=_reason,
        sees_log=actor.tenant.id != tenant.id,
    )


@bp.get("/new")
@requires(Permission.SEND_INVOICES)
def new(_tenant_id: UUID) -> ResponseReturnValue:
    return page("invoices/new.html", **_around(InvoiceForm(formdata=None, data={"invoice_id": str(new_id())})))


@bp.post("")
@requires(Permission.SEND_INVOICES)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = InvoiceForm()
    invoice_id = InvoiceId(id_from(form.invoice_id.data))
    try:
        services().invoices.send(current_actor(), TenantId(tenant_id), invoice_id, form.typed())
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return unprocessable("invoices/new.html", **_around(form))
    flash(_("The invoice is on its way."), "success")
    return see_other(url_for("invoices.index", tenant_id=tenant_id))


def _around(form: InvoiceForm) -> dict[str, Any]:
    tenant = current_tenant()
    recipients = services().invoices.recipients(current_actor(), tenant.id)
    return {"tenant": tenant, "form": form, "recipients": recipients}


def _tone(state: State) -> str:
    return _TONES.get(state, "neutral")


def _reason(code: Code) -> str:
    """Whoever was sent it learns the category; whoever sent it, what the server said of it."""
    if code is Code.OK:
        return ""
    return plain_outcome(code) if current_actor().tenant.id == current_tenant().id else outcome(code).sentence
