"""Knows in which language and at whose time a request is answered: as its person chose, or as the browser asks."""

from dataclasses import replace

from flask import Flask, Response, current_app, request
from flask_login import user_logged_in, user_logged_out
from werkzeug.wrappers import Response as Answer

from portal.domain.languages import DEFAULT_LANGUAGE, SPOKEN
from portal.domain.roles import Actor
from portal.i18n import ENGLISH, Voice, current_voice, speak
from portal.i18n.catalogs import voice_in
from portal.web.identity import find_actor
from portal.web.responses import vary_by

_REMEMBERED = 365 * 24 * 60 * 60  # seconds


def register(app: Flask) -> None:
    """Call it before everything that may refuse a request in words."""

    @app.before_request
    def begin() -> None:
        speak(_voice)

    user_logged_in.connect(_meet_anew, app)
    user_logged_out.connect(_meet_anew, app)

    @app.after_request
    def tell(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = current_voice().language
            vary_by(response, "Accept-Language", "Cookie")
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        speak(lambda: ENGLISH)


def remember(answer: Answer, language: str) -> None:
    """Let the browser keep the language that somebody chose before he signed in."""
    answer.set_cookie(
        _cookie_name(),
        language,
        max_age=_REMEMBERED,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def _meet_anew(_app: Flask, **_values: object) -> None:
    """Whoever comes in is spoken to in his own way from then on."""
    speak(_voice)


def _voice() -> Voice:
    """Found once for each person of a request."""
    found = _found(find_actor())
    speak(lambda: found)
    return found


def _found(actor: Actor | None) -> Voice:
    chosen = actor.language if actor else ""
    return replace(voice_in(chosen or _of_browser(), actor.zone if actor else ""), isolates=True)


def _of_browser() -> str:
    """What its cookie says, or else the best of those that it accepts (RFC 9110 §12.5.4)."""
    kept = request.cookies.get(_cookie_name(), "")
    return kept if kept in SPOKEN else request.accept_languages.best_match(SPOKEN) or DEFAULT_LANGUAGE


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-language"
