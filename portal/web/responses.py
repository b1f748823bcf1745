"""Knows the few shapes of answers that pages give."""

from http import HTTPStatus

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response


def wants_fragment() -> bool:
    """Whether a script asks for the inside of a dialog instead of a whole page."""
    return request.headers.get("HX-Request") == "true"


def wants_json() -> bool:
    """Whether a program asks, which prefers JSON to a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def vary_by(answer: Response, *names: str) -> None:
    """Say that the answer depends on these headers, too (RFC 9110 §12.5.5)."""
    given = answer.headers.get("Vary", "")
    said = [each for each in given.split(", ") if each]
    told = said + [each for each in names if each not in said]
    answer.headers["Vary"] = ", ".join(told)


def see_other(url: str) -> Response:
    """After a post that worked: go and look. A script is told to go there with the whole page."""
    if wants_fragment():
        answer = make_response("", HTTPStatus.NO_CONTENT)
        answer.headers["HX-Redirect"] = url
        return answer
    return redirect(url, code=HTTPStatus.SEE_OTHER)


def own_path(url: str) -> str:
    """A path of this portal, or nothing: nobody is sent elsewhere."""
    is_own = url.startswith("/") and not url.startswith("//")
    return url if is_own and "\\" not in url and url.isprintable() else ""


def page(template: str, *, status: HTTPStatus = HTTPStatus.OK, **context: object) -> Response:
    return make_response(render_template(template, **context), status)


def unprocessable(template: str, **context: object) -> Response:
    """The same form again, with what was typed and what is wrong with it."""
    return page(template, status=HTTPStatus.UNPROCESSABLE_ENTITY, **context)
