"""A withdrawal gives a company's own words up and goes back to what it inherits."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import TenantId
from portal.domain.languages import LANGUAGES
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.templates import TemplateChoiceForm, language_from, purpose_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other
from portal.web.sentences import purpose_name

bp = Blueprint("template_withdrawals", __name__, url_prefix="/t/<uuid:tenant_id>/mail-templates/withdrawal")


@bp.get("")
@requires(Permission.EDIT_TEMPLATES)
def new(tenant_id: UUID) -> ResponseReturnValue:
    if "purpose" not in request.args:
        return see_other(url_for("mail_templates.index", tenant_id=tenant_id))
    purpose, language = purpose_from(request.args["purpose"]), language_from(request.args.get("language"))
    form = TemplateChoiceForm(formdata=None, purpose=purpose.value, language=language)
    close_url = url_for("mail_templates.edit", tenant_id=tenant_id, purpose=purpose.value, language=language)
    return page(
        "template_withdrawals/new.html",
        tenant=current_tenant(),
        form=form,
        close_url=close_url,
        mail=purpose_name(purpose.value),
        language_name=LANGUAGES[language],
    )


@bp.post("")
@requires(Permission.EDIT_TEMPLATES)
def create(tenant_id: UUID) -> ResponseReturnValue:
    form = TemplateChoiceForm()
    purpose, language = purpose_from(form.purpose.data), language_from(form.language.data)
    services().templates.withdraw(current_actor(), TenantId(tenant_id), purpose, language)
    flash(_("Your own words are gone; what is inherited applies again."), "success")
    return see_other(url_for("mail_templates.index", tenant_id=tenant_id, language=language))
