"""What an owner may do about the sign-in of one of his people: end his sessions, take away a lost second factor."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import InvalidError
from portal.domain.ids import TenantId, UserId
from portal.domain.roles import Permission
from portal.i18n import gettext as _
from portal.web.identity import current_actor, current_tenant, services
from portal.web.policy import requires
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other

bp = Blueprint("user_security", __name__, url_prefix="/t/<uuid:tenant_id>/people/<uuid:user_id>/security")


@bp.get("")
@requires(Permission.EDIT_USERS)
def show(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    actor, place = current_actor(), (TenantId(tenant_id), UserId(user_id))
    return page(
        "user_security/show.html",
        tenant=current_tenant(),
        user=services().users.get(actor, *place),
        number=services().security.sign_ins.count_of(actor, *place),
        factor=services().security.second_factors.of(actor, *place),
    )


@bp.post("/sessions")
@requires(Permission.EDIT_USERS)
def update(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    services().security.sign_ins.end_all_of(current_actor(), TenantId(tenant_id), UserId(user_id))
    flash(_("Success: every session of this person is ended."), "success")
    return see_other(url_for("user_security.show", tenant_id=tenant_id, user_id=user_id))


@bp.post("/second-factor")
@requires(Permission.EDIT_USERS)
@freshly_proven()
def delete(tenant_id: UUID, user_id: UUID) -> ResponseReturnValue:
    actor, place = current_actor(), (TenantId(tenant_id), UserId(user_id))
    if services().security.second_factors.of(actor, *place) is None:
        flash(_("This person has no second factor."), "error")
        return see_other(url_for("user_security.show", tenant_id=tenant_id, user_id=user_id))
    try:
        services().security.second_factors.remove_lost(actor, *place)
    except InvalidError:  # one's own is given up on one's own page
        return see_other(url_for("second_factors.show"))
    flash(_("Success: the second factor is removed, and every session of this person is ended."), "success")
    return see_other(url_for("user_security.show", tenant_id=tenant_id, user_id=user_id))
