"""A test of a template is the mail itself, with sample values, sent to whoever asks for it."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.forms.templates import TemplateChoiceForm, language_from, purpose_from
from portal.web.identity import current_actor, services
from portal.web.policy import requires
from portal.web.responses import see_other

bp = Blueprint("template_tests", __name__, url_prefix="/t/<uuid:tenant_id>/mail-templates/tests")


@bp.post("")
@requires(Permission.EDIT_TEMPLATES)
def create(tenant_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), TemplateChoiceForm()
    purpose, language = purpose_from(form.purpose.data), language_from(form.language.data)
    message_id = services().template_previews.send_test(actor, TenantId(tenant_id), purpose, language)
    flash(_("The test is on its way to %(email)s.", email=actor.email), "success")
    return see_other(url_for("mail_log.show", tenant_id=tenant_id, message_id=message_id))
