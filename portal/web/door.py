"""Knows the application that pages are served by: Flask, without what asynchronous views and other cookies need."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from portal.web.compiled import CompiledEnvironment


class _Cookies(SecureCookieSessionInterface):
    """What reads and signs the session's cookie is made once for each set of keys, not twice for each request."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], URLSafeTimedSerializer | None] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ())
        if keys not in self._made:
            self._made = {keys: super().get_signing_serializer(app)}
        return self._made[keys]


class Door(Flask):
    jinja_environment = CompiledEnvironment
    session_interface = _Cookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view is a plain function, so nobody has to look whether it is."""
        return func
