"""Knows who is asking: the signed-in person behind a request, through a server-side session."""

from typing import cast

from flask import Flask, current_app, g, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import CSRFProtect

from portal.domain.roles import Actor
from portal.domain.tenancy import Tenant
from portal.services import Services

csrf = CSRFProtect()


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """What Flask-Login carries around: the actor and the session reference, which is all the cookie holds."""

    def __init__(self, actor: Actor, reference: str) -> None:
        self.actor = actor
        self.reference = reference

    def get_id(self) -> str:
        return self.reference


def register(app: Flask) -> None:
    manager = LoginManager()
    # Our sessions live on the server and can be ended there; the address of a phone changes all the time.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)
    csrf.init_app(app)


def services() -> Services:
    return cast("Services", current_app.extensions["portal.services"])


def current_actor() -> Actor:
    """The signed-in person; only for views whose policy asks for one."""
    return cast("Actor", current_user.actor)


def find_actor() -> Actor | None:
    return current_user.actor if current_user.is_authenticated else None


def current_tenant() -> Tenant:
    """The tenant of the URL, already judged by the view's policy."""
    return cast("Tenant", g.tenant)


def go_on_as_nobody() -> None:
    """For the rest of this request nobody is asked who is signed in; the browser stays signed in."""
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # noqa: SLF001 - where Flask-Login keeps it


def come_in(reference: str) -> None:
    """Start a browser's session; whatever it held before is gone, so that none can be planted."""
    session.clear()
    # Flask-WTF keeps the token that the old session's form was checked with.
    g.pop("csrf_token", None)
    actor = services().accounts.actor_of(reference)
    if actor is not None:
        login_user(SignedIn(actor, reference))


def go_out() -> None:
    services().accounts.sign_out(current_user.actor, current_user.reference)
    logout_user()
    session.clear()


def _load(reference: str) -> SignedIn | None:
    actor = services().accounts.actor_of(reference)
    return SignedIn(actor, reference) if actor else None
