"""The demo's mailbox shows what the demo mail server received, so that the first test mail is seen to arrive."""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal.demo import Demo
from portal.domain.errors import NotFoundError
from portal.web.policy import signed_in
from portal.web.responses import page, wants_fragment
from portal.web.sentences import encryption_name

bp = Blueprint("demo_mailbox", __name__, url_prefix="/demo/mailbox")
_PAGE = 50
_REASON = "the demo's mailbox is everybody's"


@bp.get("")
@signed_in(_REASON)
def index() -> ResponseReturnValue:
    before = request.args.get("before", "")
    letters = _demo().mailbox.newest(_PAGE + 1, before=before)
    shown, newest = letters[:_PAGE], letters[0].id if letters else ""
    if wants_fragment() and request.args.get("seen") == newest:
        return "", HTTPStatus.NO_CONTENT
    return page(
        "demo_mailbox/index.html",
        letters=shown,
        encryption_name=encryption_name,
        newest_url="" if not before else url_for("demo_mailbox.index"),
        older_url=url_for("demo_mailbox.index", before=shown[-1].id) if len(letters) > _PAGE else "",
        poll_url="" if before else url_for("demo_mailbox.index", seen=newest),
    )


@bp.get("/<letter_id>")
@signed_in(_REASON)
def show(letter_id: str) -> ResponseReturnValue:
    letter = _demo().mailbox.find(letter_id)
    if letter is None:
        raise NotFoundError
    return page("demo_mailbox/show.html", letter=letter, encryption_name=encryption_name)


def _demo() -> Demo:
    return cast("Demo", current_app.extensions["portal.demo"])
