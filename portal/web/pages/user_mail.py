"""The mail of a user: which configuration it goes through and why, and which one is linked to him."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import ConflictError
from portal.domain.ids import TenantId, UserId
from portal.domain.roles import Permission
from portal.web.forms.fields import whole_number
from portal.web.forms.linked_configs import LinkForm
from portal.web.identity import current_actor, services
from portal.web.linking import announce_link
from portal.web.mail_page import show_mail_of_user
from portal.web.policy import requires
from portal.web.responses import see_other

bp = Blueprint("user_mail", __name__, url_prefix="/t/<uuid:tenant_id>/people/<uuid:user_id>/mail")


@bp.get("")
@requires(Permission.VIEW_CONFIGS)
def show(_tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    return show_mail_of_user(UserId(user_id))


@bp.post("")
@requires(Permission.LINK_CONFIGS)
def update(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    form = LinkForm()
    config_id = form.config_id
    before = services().users.get(current_actor(), TenantId(tenant_id), UserId(user_id))
    try:
        services().linked_configs.link_users(
            current_actor(),
            TenantId(tenant_id),
            [UserId(user_id)],
            config_id,
            version=whole_number(form.version.data),
        )
    except ConflictError:
        return show_mail_of_user(UserId(user_id), status=HTTPStatus.CONFLICT)
    url = url_for("user_mail.show", tenant_id=tenant_id, user_id=user_id)
    announce_link(url, config_id, before.linked_config_id, version=before.version)
    return see_other(url)
