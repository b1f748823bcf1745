"""Figures for Prometheus: for whoever is on this machine, and for whoever shows the operator's token."""

import hmac
import ipaddress
from typing import cast

from flask import Blueprint, Response, abort, current_app, request

from portal.settings import Settings
from portal.telemetry.exposition import CONTENT_TYPE_LATEST, exposition
from portal.web.identity import services
from portal.web.policy import public

bp = Blueprint("metrics", __name__, url_prefix="/metrics")

# A request that somebody passed on comes from this machine as well, and from anywhere.
_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via")


@bp.get("")
@public("judged by itself: the machine's own requests and the operator's token; to others it does not exist")
def show() -> Response:
    if not (_is_local() or _shows_token()):
        abort(404)
    text = exposition(services().figures.of_queue(), delivers=services().readiness.delivers())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _is_local() -> bool:
    if any(name in request.headers for name in _PASSED_ON):
        return False
    # What the socket says, before anybody was believed who says for whom he asks.
    told = request.environ.get("werkzeug.proxy_fix.orig", request.environ).get("REMOTE_ADDR") or ""
    try:
        return ipaddress.ip_address(told).is_loopback
    except ValueError:
        return False


def _shows_token() -> bool:
    settings = cast("Settings", current_app.extensions["portal.settings"])
    if settings.metrics_token is None:
        return False
    wanted = f"Bearer {settings.metrics_token.reveal()}"
    return hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode())
