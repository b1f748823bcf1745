"""Knows the id of each request: in its answer, in every line that is logged meanwhile, and on the page of an error."""

import re
from typing import cast
from uuid import uuid4

from flask import Flask, Response, g, request

from portal.settings import Settings
from portal.telemetry import tracing
from portal.telemetry.logs import Stopwatch, tell_request

HEADER = "X-Request-ID"
_SOUND = re.compile(r"[A-Za-z0-9._-]{8,64}")


def register(app: Flask, settings: Settings) -> None:
    """Call it before any other part of this door, so that it sees a request first and its answer last."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "") if settings.trusted_proxies else ""
        _begin(given if _SOUND.fullmatch(given) else "")

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers[HEADER] = current_id()
        tell_request(request.method, route(), response.status_code, g.stopwatch)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        tracing.begin()


def current_id() -> str:
    """Also where somebody refused the request before all others."""
    if "request_id" not in g:
        _begin()
    return cast("str", g.request_id)


def route() -> str:
    """The pattern that an address matched, not the address: that may carry a link which works once."""
    return request.url_rule.rule if request.url_rule else "no route"


def _begin(given: str = "") -> None:
    g.request_id = given or str(uuid4())
    g.stopwatch = Stopwatch()
    ids = request.view_args or {}
    tracing.begin(request_id=g.request_id, tenant_id=ids.get("tenant_id"), message_id=ids.get("message_id"))
