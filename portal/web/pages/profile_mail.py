"""The mail of a profile's users: which configuration is linked to the profile, and what applies where none is."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.domain.errors import ConflictError
from portal.domain.ids import ProfileId, TenantId
from portal.domain.roles import Permission
from portal.web.forms.fields import whole_number
from portal.web.forms.linked_configs import LinkForm
from portal.web.identity import current_actor, current_tenant, services
from portal.web.linking import announce_link
from portal.web.mail_page import way_sentence
from portal.web.policy import requires
from portal.web.responses import page, see_other
from portal.web.sentences import encryption_name, rung_sentence

bp = Blueprint("profile_mail", __name__, url_prefix="/t/<uuid:tenant_id>/profiles/<uuid:profile_id>/mail")


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def show(_tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    return _show(ProfileId(profile_id), HTTPStatus.OK)


@bp.post("")
@requires(Permission.LINK_CONFIGS)
def update(tenant_id: UUID, profile_id: UUID) -> ResponseReturnValue:
    form = LinkForm()
    config_id = form.config_id
    before = services().profiles.get(current_actor(), TenantId(tenant_id), ProfileId(profile_id))
    try:
        services().linked_configs.link_profile(
            current_actor(),
            TenantId(tenant_id),
            ProfileId(profile_id),
            config_id,
            version=whole_number(form.version.data),
        )
    except ConflictError:
        return _show(ProfileId(profile_id), HTTPStatus.CONFLICT)
    url = url_for("profile_mail.show", tenant_id=tenant_id, profile_id=profile_id)
    announce_link(url, config_id, before.linked_config_id, version=before.version)
    return see_other(url)


def _show(profile_id: ProfileId, status: HTTPStatus) -> Response:
    tenant = current_tenant()
    mail = services().mail_ways.of_profile(current_actor(), tenant.id, profile_id)
    linked = {"config": str(mail.profile.linked_config_id or ""), "version": str(mail.profile.version)}
    link_form = LinkForm(formdata=None, data=linked)
    link_form.offer(mail.choices)
    return page(
        "profile_mail/show.html",
        status=status,
        tenant=tenant,
        mail=mail,
        way=way_sentence(mail.way),
        trace=[rung_sentence(rung) for rung in mail.way.trace],
        link_form=link_form,
        encryption_name=encryption_name,
        changed_meanwhile=status is HTTPStatus.CONFLICT,
    )
