"""Knows a request that another site made a browser send: refused before anything else, beside the form's token."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal.i18n import gettext as _
from portal.web.errors import refused

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask) -> None:
    app.before_request(_refuse_what_is_not_ours)


def _refuse_what_is_not_ours() -> ResponseReturnValue | None:
    if request.method in _SAFE or _is_ours():
        return None
    return refused(HTTPStatus.FORBIDDEN, _("Another site sent this, so it was not done."))


def _is_ours() -> bool:
    """What the browser says of the sender (W3C Fetch Metadata), or for older ones its Origin (RFC 6454 §7)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
