"""A mail template is a company's own wording of one of the portal's mails, in one language."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import TenantId
from portal.domain.languages import LANGUAGES
from portal.domain.outgoing import Purpose
from portal.domain.roles import Permission
from portal.domain.templates import PLACEHOLDERS, Template
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.templates import TemplateForm, language_from, placeholder_meaning, purpose_from
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other
from portal.web.sentences import note_sentence, purpose_name

bp = Blueprint("mail_templates", __name__, url_prefix="/t/<uuid:tenant_id>/mail-templates")


@bp.get("")
@requires(Permission.VIEW_TEMPLATES)
def index(tenant_id: UUID) -> ResponseReturnValue:
    actor, tenant = current_actor(), current_tenant()
    chosen = services().templates.language(actor, TenantId(tenant_id))
    language = language_from(request.args.get("language") or chosen)
    return page(
        "mail_templates/index.html",
        tenant=tenant,
        lines=services().templates.overview(actor, TenantId(tenant_id), language),
        policy=services().sender_policies.get(actor, TenantId(tenant_id)),
        parent_name=services().templates.parent_name(actor, TenantId(tenant_id)),
        chosen=chosen,
        language=language,
        languages=LANGUAGES,
        purpose_name=purpose_name,
    )


@bp.get("/edit")
@requires(Permission.EDIT_TEMPLATES)
def edit(tenant_id: UUID) -> ResponseReturnValue:
    if "purpose" not in request.args:
        return see_other(_list(tenant_id))
    purpose, language = purpose_from(request.args["purpose"]), language_from(request.args.get("language"))
    template = services().templates.get(current_actor(), TenantId(tenant_id), purpose, language)
    return _editor(template, _filled_in(template))


@bp.post("")
@requires(Permission.EDIT_TEMPLATES)
def update(tenant_id: UUID) -> ResponseReturnValue:
    actor, form = current_actor(), TemplateForm()
    purpose, language = purpose_from(form.purpose.data), language_from(form.language.data)
    verb = request.form.get("verb")
    if verb == "discard":
        services().templates.discard(actor, TenantId(tenant_id), purpose, language)
        flash(_("The draft is thrown away."), "success")
        return see_other(_editor_of(tenant_id, purpose, language))
    if not form.validate() or form.version.data is None:
        return _again(form, purpose, language)
    try:
        services().templates.save(
            actor,
            TenantId(tenant_id),
            purpose,
            language,
            form.typed,
            version=form.version.data,
            publish=verb == "publish",
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return _again(form, purpose, language)
    except ConflictError:
        return _again(form, purpose, language, status=HTTPStatus.CONFLICT)
    done = _("These words are published.") if verb == "publish" else _("The draft is saved; nobody gets it yet.")
    flash(done, "success")
    return see_other(_editor_of(tenant_id, purpose, language))


def _again(
    form: TemplateForm, purpose: Purpose, language: str, *, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> ResponseReturnValue:
    """What was typed, with what is wrong with it; after a conflict saving again is a decision."""
    template = services().templates.get(current_actor(), current_tenant().id, purpose, language)
    if status is HTTPStatus.CONFLICT or form.version.data is None:
        form.version.errors, form.version.raw_data = (), None
        form.version.process_data(template.version)
    return _editor(template, form, status=status)


def _editor(template: Template, form: TemplateForm, *, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    tenant, actor = current_tenant(), current_actor()
    purpose, language = template.purpose, template.language
    return page(
        "mail_templates/edit.html",
        status=status,
        tenant=tenant,
        mail=template,
        form=form,
        meanwhile=status is HTTPStatus.CONFLICT,
        preview=services().template_previews.preview(actor, tenant.id, purpose, language),
        placeholders=[(each.name, placeholder_meaning(each.name), each.required) for each in PLACEHOLDERS[purpose]],
        parent_name=services().templates.parent_name(actor, tenant.id),
        title=purpose_name(purpose.value),
        language_name=LANGUAGES[language],
        note_sentence=note_sentence,
    )


def _filled_in(template: Template) -> TemplateForm:
    """The draft, or what applies, or our own words to start from."""
    words = (
        template.draft
        or template.applying
        or services().template_previews.built_in(template.purpose, template.language)
    )
    return TemplateForm(
        formdata=None,
        obj=words,
        purpose=template.purpose.value,
        language=template.language,
        version=template.version,
    )


def _list(tenant_id: UUID) -> str:
    return url_for("mail_templates.index", tenant_id=tenant_id)


def _editor_of(tenant_id: UUID, purpose: Purpose, language: str) -> str:
    return url_for("mail_templates.edit", tenant_id=tenant_id, purpose=purpose.value, language=language)
