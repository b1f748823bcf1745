"""Sign-in and security: one's own password, second factor, and every browser in which one is signed in."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.responses import page

bp = Blueprint("security", __name__, url_prefix="/me/security")


@bp.get("")
@signed_in("one's own account")
def show() -> ResponseReturnValue:
    actor = current_actor()
    return page(
        "security/show.html",
        factor=services().security.second_factors.mine(actor),
        sessions=services().security.sign_ins.mine(actor, current_user.reference),
    )
