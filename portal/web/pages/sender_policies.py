"""A sender policy says which domains the senders of a company's own words may have, and in which language it writes."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError, InvalidError
from portal.domain.ids import TenantId
from portal.domain.roles import Permission
from portal.domain.sender import SenderPolicy
from portal.i18n import gettext as _
from portal.web.forms.fields import say_at_fields
from portal.web.forms.templates import SenderPolicyForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other

bp = Blueprint("sender_policies", __name__, url_prefix="/t/<uuid:tenant_id>/sender-policy")


@bp.get("")
@requires(Permission.EDIT_TENANT)
def edit(_tenant_id: UUID) -> ResponseReturnValue:
    policy = _policy()
    form = SenderPolicyForm(
        formdata=None, language=policy.language, domains="\n".join(policy.domains), version=policy.version
    )
    return _shown(form, policy)


@bp.post("")
@requires(Permission.EDIT_TENANT)
def update(tenant_id: UUID) -> ResponseReturnValue:
    form = SenderPolicyForm()
    if not form.validate() or form.version.data is None:
        raise ConflictError
    try:
        services().sender_policies.change(
            current_actor(),
            TenantId(tenant_id),
            domains=form.domains.data or "",
            language=form.language.data or "",
            version=form.version.data,
        )
    except InvalidError as refused:
        say_at_fields(form, refused.problems)
        return _shown(form, _policy(), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ConflictError:
        policy = _policy()
        form.version.raw_data = None
        form.version.process_data(policy.version)
        return _shown(form, policy, status=HTTPStatus.CONFLICT)
    flash(_("Senders and language are saved."), "success")
    return see_other(url_for("mail_templates.index", tenant_id=tenant_id))


def _policy() -> SenderPolicy:
    return services().sender_policies.get(current_actor(), current_tenant().id)


def _shown(form: SenderPolicyForm, policy: SenderPolicy, *, status: HTTPStatus = HTTPStatus.OK) -> ResponseReturnValue:
    tenant = current_tenant()
    form.offer(_("English, unless another is chosen") if tenant.is_root else _("that of the company above"))
    return page(
        "sender_policies/edit.html",
        status=status,
        tenant=tenant,
        form=form,
        policy=policy,
        meanwhile=policy if status is HTTPStatus.CONFLICT else None,
        parent_name=services().templates.parent_name(current_actor(), tenant.id),
    )
