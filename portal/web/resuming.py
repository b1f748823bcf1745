"""Knows how what was typed outlives an interruption: it goes along to the sign-in, or to a proof, and back."""

from collections.abc import Iterable
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.web.forms.sign_ins import SignInForm
from portal.web.responses import page

Typed = list[tuple[str, str]]

PREFIX = "typed-"
_MOST_FIELDS = 100
_MOST_CHARACTERS = 64 * 1024


def ask_to_sign_in() -> Response:
    """Whoever only looks is sent to the sign-in and back; what somebody typed goes along inside of the page."""
    url = here()
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("sign_ins.new", next=url), code=HTTPStatus.SEE_OTHER)
    form = SignInForm(formdata=None, next=url, resume="post")
    answer = page("sign_ins/new.html", status=HTTPStatus.UNAUTHORIZED, form=form, refusal="", typed=typed_now())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def here() -> str:
    """The address of this request."""
    return request.full_path if request.query_string else request.path


def typed_now() -> Typed:
    """What this request brings that may be carried on."""
    return _kept(request.form.items(multi=True))


def carried() -> Typed:
    """What the page in between brings along from the form in which the session ended."""
    fields = request.form.items(multi=True)
    return _kept((name.removeprefix(PREFIX), value) for name, value in fields if name.startswith(PREFIX))


def _kept(fields: Iterable[tuple[str, str]]) -> Typed:
    """Without the token and every password, which says so in its name; nothing at all where it is too much."""
    typed = [(name, value) for name, value in fields if name != "csrf_token" and "password" not in name]
    if len(typed) > _MOST_FIELDS or sum(len(name) + len(value) for name, value in typed) > _MOST_CHARACTERS:
        return []
    return typed
