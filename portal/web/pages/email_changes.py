"""A change of an address is the answer of whoever holds the new one: confirmed by a button, never by the link alone."""

from http import HTTPStatus

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.i18n import gettext as _
from portal.web.identity import services
from portal.web.policy import public
from portal.web.responses import page, see_other

bp = Blueprint("email_changes", __name__, url_prefix="/email-changes")


@bp.get("/<token>")
@public("the link of a change is its own proof")
def edit(token: str) -> ResponseReturnValue:
    try:
        present, new = services().security.email_changes.asked(token)
    except NotFoundError:
        return _gone()
    return page("email_changes/edit.html", token=token, present=present, new=new)


@bp.post("/<token>")
@public("the link of a change is its own proof")
def update(token: str) -> ResponseReturnValue:
    try:
        address = services().security.email_changes.take(token)
    except NotFoundError:
        return _gone()
    flash(_("Success: your address is %(email)s now. Sign in with it from now on.", email=address), "success")
    return see_other(url_for("sign_ins.home"))


def _gone() -> ResponseReturnValue:
    return page("email_changes/gone.html", status=HTTPStatus.NOT_FOUND)
