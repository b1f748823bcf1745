"""Recovery codes stand in for a lost app: ten, each works once, shown once and made anew on demand."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.i18n import gettext as _
from portal.web.identity import current_actor, services
from portal.web.policy import signed_in
from portal.web.proving import freshly_proven
from portal.web.responses import page, see_other

bp = Blueprint("recovery_codes", __name__, url_prefix="/me/recovery-codes")


@bp.get("")
@signed_in("one's own recovery codes")
@freshly_proven()
def new() -> ResponseReturnValue:
    return page("recovery_codes/new.html", factor=services().security.second_factors.mine(current_actor()))


@bp.post("")
@signed_in("one's own recovery codes")
@freshly_proven()
def create() -> ResponseReturnValue:
    try:
        codes = services().security.second_factors.renew_codes(current_actor())
    except NotFoundError:
        flash(_("Recovery codes belong to a second factor. Set one up first."), "error")
        return see_other(url_for("security.show"))
    return page("recovery_codes/show.html", codes=codes, is_new_factor=False)
