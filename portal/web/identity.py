"""Knows who is asking: the signed-in person behind a request, through a server-side session."""

from typing import cast

from flask import Flask, Response, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

from portal.domain.ids import TenantId
from portal.domain.roles import Actor
from portal.domain.sign_ins import Stay
from portal.domain.tenancy import Tenant
from portal.services import Services

_HALF = "half-way"
_HOST = "brand_host"


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """What Flask-Login carries around: the stay and the session reference, which is all the cookie holds."""

    def __init__(self, stay: Stay, reference: str) -> None:
        self.stay = stay
        self.reference = reference

    def get_id(self) -> str:
        return self.reference


class _Manager(LoginManager):  # type: ignore[misc]  # flask-login ships no types
    """Our sessions live on the server and can be ended there; the address of a phone changes all the time."""

    def _session_protection_failed(self) -> bool:
        return False

    def _update_remember_cookie(self, response: Response) -> Response:
        """There is no such cookie. To look for one would make every answer one that differs with the session."""
        return response


csrf = CSRFProtect()


def register(app: Flask) -> None:
    manager = _Manager()
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)
    csrf.init_app(app)
    app.jinja_env.globals["csrf_token"] = form_token


def form_token() -> str:
    """What shows that a form is ours; a page asks for it with each form."""
    return str(g.get("csrf_token") or generate_csrf())


def services() -> Services:
    return cast("Services", current_app.extensions["portal.services"])


def host_now() -> str:
    """The brand host under which the request comes; empty under the portal's own name."""
    return str(g.get(_HOST, ""))


def come_under(host: str) -> None:
    """Note the name of the request, before anything is asked of it."""
    setattr(g, _HOST, host)


def current_stay() -> Stay:
    """The session behind the request; only for views whose policy asks for one."""
    return cast("Stay", current_user.stay)


def current_actor() -> Actor:
    """The signed-in person; only for views whose policy asks for one."""
    return current_stay().actor


def find_stay() -> Stay | None:
    """The session behind the request, or None while nobody is signed in."""
    user = current_user._get_current_object()  # noqa: SLF001 - its public way to be asked once for several things
    return cast("Stay", user.stay) if user.is_authenticated else None


def find_actor() -> Actor | None:
    stay = find_stay()
    return stay.actor if stay else None


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
    stay = services().security.sign_ins.stay_of(reference, host_now())
    if stay is not None:
        login_user(SignedIn(stay, reference))


def come_half_way(reference: str) -> None:
    """Remember in the browser who showed his password and is to show his second factor; he is not in by that."""
    session.clear()
    g.pop("csrf_token", None)
    session[_HALF] = reference


def half_way() -> str:
    """The reference of whoever is half-way in, or nothing."""
    return str(session.get(_HALF, ""))


def go_out() -> None:
    services().security.sign_ins.end(current_actor(), current_user.reference)
    logout_user()
    session.clear()


def _load(reference: str) -> SignedIn | None:
    there = (request.view_args or {}).get("tenant_id")
    stay = services().security.sign_ins.stay_of(reference, host_now(), there=TenantId(there) if there else None)
    return SignedIn(stay, reference) if stay else None
