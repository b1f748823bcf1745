"""The door for people: HTML pages, plain forms, and a little script that only enhances them."""

from flask import Flask

from portal.settings import Settings
from portal.web import assets, errors, headers, identity, jinja
from portal.web.pages import sign_ins


_PAGES = (sign_ins,)


def register(app: Flask, settings: Settings) -> None:
    """Open this door on an application."""
    jinja.register(app)
    identity.register(app)
    errors.register(app)
    headers.register(app, settings)
    assets.install(app)
    for each in _PAGES:
        app.register_blueprint(each.bp)
