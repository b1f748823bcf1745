"""Whether this process answers at all: for whoever restarts it when it does not. The database is not asked."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from portal.web.policy import public

bp = Blueprint("healthz", __name__, url_prefix="/healthz")


@bp.get("")
@public("for the machine that looks after this process; it tells nothing but that it answers")
def show() -> ResponseReturnValue:
    return jsonify(process="ok")
