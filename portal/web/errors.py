"""Knows what a refusal looks like: its status, its page and its sentence."""

from http import HTTPStatus
from uuid import UUID

from flask import Flask, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PortalError,
    SuspendedError,
    TooManyError,
    Trouble,
    UnavailableError,
)
from portal.i18n import gettext as _
from portal.web.identity import find_actor, go_on_as_nobody, services
from portal.web.request_ids import current_id, route
from portal.web.sentences import limit_sentence

_RETRY_AFTER = 30  # seconds until somebody who was told that nothing works may look again
_RETRY_SOON = 5  # the same, where only others were in the way

_STATUS: dict[type[PortalError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    SuspendedError: HTTPStatus.FORBIDDEN,
    ConflictError: HTTPStatus.CONFLICT,
    InvalidError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
_DENIALS = (NotFoundError, ForbiddenError, SuspendedError)


def register(app: Flask) -> None:
    for kind in _STATUS:
        app.register_error_handler(kind, _portal)
    app.register_error_handler(TooManyError, _too_many)
    app.register_error_handler(UnavailableError, _unavailable)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def refused(status: HTTPStatus, sentence: str, *, advice: str = "", number: str = "") -> ResponseReturnValue:
    """One sentence on what happened, one on what to do, and by which number the operator finds it."""
    page = render_template("errors/refused.html", sentence=sentence, advice=advice or _advice(status), number=number)
    return make_response(page, status)


def _advice(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("Check the address, or go back to where you came from.")
        case HTTPStatus.FORBIDDEN:
            return _("Ask an owner of your company if you need this.")
        case HTTPStatus.CONFLICT:
            return _("Go back, reload the page and look at what changed.")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _("Wait a moment and try again.")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return _("Nothing was lost, and nothing was changed. Tell whoever runs this portal, and try again later.")
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return _("Nothing was lost. Try again; if it stays, tell whoever runs this portal.")
        case _:
            return _("Go back, reload the page and try again.")


def _sentence(error: PortalError) -> str:
    match error:
        case NotFoundError():
            return _("This page does not exist.")
        case SuspendedError():
            return _("Your company is suspended: you can look at everything, but change nothing.")
        case ForbiddenError():
            return _("Your role does not allow this.")
        case ConflictError():
            return _("Somebody else changed this meanwhile.")
        case _:
            return _("This request cannot be understood.")


def _portal(error: PortalError) -> ResponseReturnValue:
    if isinstance(error, _DENIALS):
        _note_denial(error)
    return refused(_STATUS[type(error)], _sentence(error))


def _note_denial(error: PortalError) -> None:
    """Of people who are signed in only: whoever is not can be anybody, and is asked to sign in anyway."""
    actor = find_actor()
    if actor is not None:
        services().denials.note(actor, error, route=f"{request.method} {route()}", asked=_asked())


def _asked() -> str:
    """The way somebody took, with the ids in it; what is no id may be the secret of a link and stays out."""
    words = ((f"<uuid:{name}>", value) for name, value in (request.view_args or {}).items() if isinstance(value, UUID))
    asked = f"{request.method} {route()}"
    for placeholder, value in words:
        asked = asked.replace(placeholder, str(value))
    return asked


def _too_many(error: TooManyError) -> ResponseReturnValue:
    answer = make_response(refused(HTTPStatus.TOO_MANY_REQUESTS, limit_sentence(error)))
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _unavailable(error: UnavailableError) -> ResponseReturnValue:
    """No room, no database, no turn: told as it is, for one can be helped by the operator alone, another by waiting."""
    current_app.logger.error("unavailable: %s %s: %s", request.method, route(), error.trouble.value)
    if error.trouble is Trouble.GONE:
        go_on_as_nobody()  # else the page, and the language of its first sentence, would ask who is signed in
    sentences = {
        Trouble.FULL: _("The disk of this portal is full: nothing can be saved right now."),
        Trouble.READ_ONLY: _("Nothing can be saved in this portal right now: its disk can only be read."),
        Trouble.GONE: _("The database of this portal does not answer right now."),
        Trouble.BUSY: _("Too many others are saving something in this portal right now."),
    }
    is_busy = error.trouble is Trouble.BUSY
    advice = _("Nothing was lost, and nothing was changed. Try again in a moment.") if is_busy else ""
    answer = make_response(refused(HTTPStatus.SERVICE_UNAVAILABLE, sentences[error.trouble], advice=advice))
    answer.headers["Retry-After"] = str(_RETRY_SOON if is_busy else _RETRY_AFTER)
    return answer


def _forged(_error: CSRFError) -> ResponseReturnValue:
    return refused(HTTPStatus.BAD_REQUEST, _("This form is too old, or it came from somewhere else."))


def _wrong_host(_error: SecurityError) -> ResponseReturnValue:
    """No page of ours: under a name that is not ours its links would lead nowhere, and Flask refuses to build them."""
    answer = make_response(_("This portal does not answer under this name."), HTTPStatus.BAD_REQUEST)
    answer.mimetype = "text/plain"
    return answer


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    sentences = {
        HTTPStatus.NOT_FOUND: _("This page does not exist."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This page cannot be used like that."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("That was too much at once."),
    }
    status = HTTPStatus(error.code)
    answer = make_response(refused(status, sentences.get(status, _("This request cannot be understood."))))
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("unexpected: %s %s", request.method, route(), exc_info=error)
    return refused(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong on our side."), number=current_id())
