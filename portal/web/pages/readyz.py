"""Whether the portal can do its work: for whoever sends people to it, or is called when it cannot."""

from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from portal.domain.errors import Trouble
from portal.services.readiness import Ready
from portal.web.identity import services
from portal.web.policy import public

bp = Blueprint("readyz", __name__, url_prefix="/readyz")


@bp.get("")
@public("for the machine that watches; it names parts of the portal, and no figures")
def show() -> ResponseReturnValue:
    ready = services().readiness.look()
    parts = {
        "database": _database(ready.database),
        "disk": ready.disk.value if ready.disk else "ok",
        "delivery": "ok" if ready.delivers else "failed",
        "queue": _queue(ready),
    }
    return jsonify(parts), HTTPStatus.OK if ready.all_works else HTTPStatus.SERVICE_UNAVAILABLE


def _database(trouble: Trouble | None) -> str:
    if trouble is None:
        return "ok"
    return "busy" if trouble is Trouble.BUSY else "failed"


def _queue(ready: Ready) -> str:
    if ready.is_held:
        return "held"
    return "late" if ready.is_late else "ok"
