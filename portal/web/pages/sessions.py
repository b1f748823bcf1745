"""Sessions are one's own stays in the portal: one is ended by itself, or all others at once."""

from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.domain.ids import SignInId
from portal.i18n import gettext as _
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.proving import freshly_proven
from portal.web.responses import see_other

bp = Blueprint("sessions", __name__, url_prefix="/me/sessions")


@bp.post("/<uuid:sign_in_id>/end")
@signed_in("one's own sessions")
@freshly_proven()
def delete(sign_in_id: UUID) -> ResponseReturnValue:
    services().security.sign_ins.end_one(current_actor(), SignInId(sign_in_id))
    flash(_("Success: that session is ended."), "success")
    return see_other(url_for("security.show"))


@bp.post("/end-others")
@signed_in("one's own sessions")
@freshly_proven()
def update() -> ResponseReturnValue:
    services().security.sign_ins.end_others(current_actor(), current_user.reference)
    flash(_("Success: you are signed out everywhere else."), "success")
    return see_other(url_for("security.show"))
