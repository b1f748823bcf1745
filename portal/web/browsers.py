"""Knows how a browser is recognised: by a random mark in a cookie of its own, and what browsers call themselves."""

from flask import current_app, request
from werkzeug.wrappers import Response

from portal.services.browsers import REMEMBERED, Browser, new_mark

_LONGEST_MARK = 100
# In this order: every browser claims to be one of those that came before it.
_NAMES = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def browser_now() -> Browser:
    """The browser of this request; one that shows no mark gets a new one."""
    mark = request.cookies.get(_cookie_name(), "")
    is_ours = 0 < len(mark) <= _LONGEST_MARK
    return Browser(mark if is_ours else new_mark(), _name_of(request.user_agent.string), request.remote_addr or "")


def mark(answer: Response, browser: Browser) -> None:
    """Let the browser keep its mark. It is of no use for anything but being recognised."""
    answer.set_cookie(
        _cookie_name(),
        browser.mark,
        max_age=REMEMBERED,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-browser"


def _name_of(user_agent: str) -> str:
    """Empty for one that nobody knows."""
    return next((name for sign, name in _NAMES if sign in user_agent), "")
