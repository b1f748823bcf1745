"""A user is a person with an account: one address, one company, one role."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import TenantId, UserId
from portal.domain.people import UserStatus
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.responses import page, see_other

bp = Blueprint("users", __name__, url_prefix="/t/<uuid:tenant_id>/people")


@bp.get("")
@requires(Permission.VIEW_USERS)
def index(tenant_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    return page(
        "users/index.html",
        tenant=current_tenant(),
        people=services().invitations.people(actor, TenantId(tenant_id)),
        status_name=_status_name,
    )


@bp.post("/<uuid:user_id>/invitation")
@requires(Permission.INVITE_USERS)
def update(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Send somebody who has not come yet a new link."""
    close_url = url_for("users.index", tenant_id=tenant_id)
    try:
        invited = services().invitations.invite_again(current_actor(), TenantId(tenant_id), UserId(user_id))
    except InvalidError:
        flash(_("Nothing was sent: this person has come in already."), "error")
        return see_other(close_url)
    if invited.link is not None:
        return page("invitations/link.html", tenant=current_tenant(), invited=invited, close_url=close_url)
    flash(_("A new link is on its way to %(email)s.", email=invited.email), "success")
    return see_other(close_url)


def _status_name(status: UserStatus) -> str:
    match status:
        case UserStatus.INVITED:
            return _("Invited")
        case UserStatus.ACTIVE:
            return _("Active")
        case UserStatus.DISABLED:
            return _("Disabled")
