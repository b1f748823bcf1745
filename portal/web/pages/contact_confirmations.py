"""A contact's confirmation is the answer of whoever holds the address: agreed by a button, never by the link alone."""

from http import HTTPStatus

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotFoundError
from portal.web.identity import services
from portal.web.policy import public
from portal.web.responses import page
from portal.web.sentences import contact_kind_name

bp = Blueprint("contact_confirmations", __name__, url_prefix="/contact-confirmations")


@bp.get("/<token>")
@public("the link of a confirmation is its own proof")
def edit(token: str) -> ResponseReturnValue:
    try:
        asked = services().contacts.request(token)
    except NotFoundError:
        return _gone()
    return page("contact_confirmations/edit.html", token=token, asked=asked, kind=contact_kind_name(asked.kind))


@bp.post("/<token>")
@public("the link of a confirmation is its own proof")
def update(token: str) -> ResponseReturnValue:
    try:
        asked = services().contacts.request(token)
        services().contacts.agree(token)
    except NotFoundError:
        return _gone()
    return page("contact_confirmations/done.html", asked=asked)


def _gone() -> ResponseReturnValue:
    return page("contact_confirmations/gone.html", status=HTTPStatus.NOT_FOUND)
