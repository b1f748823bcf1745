"""Knows what every template may use: translations, times, and a name that is missing is an error."""

from datetime import UTC, datetime

from flask import Flask, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from portal.domain.languages import SPOKEN
from portal.domain.roles import Permission, granted
from portal.i18n import current_voice, gettext, isolated, ngettext
from portal.i18n.times import moment, number
from portal.web import sentences
from portal.web.identity import find_actor
from portal.web.responses import wants_fragment
from portal.web.shell import shell_now


def register(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    # Ours fill in every value by themselves; the extension's own would fill in twice, and keep nothing in one piece.
    environment.globals.update(_=_said, gettext=_said, ngettext=ngettext)
    environment.filters.update(
        moment=moment,
        number=number,
        iso=_iso,
        kind_name=sentences.kind_name,
        role_name=sentences.role_name,
        state_name=sentences.state_name,
        outcome=sentences.outcome,
    )
    environment.globals.update(Permission=Permission, granted=granted, takeover_sentence=sentences.takeover_sentence)
    app.context_processor(_surroundings)


def _surroundings() -> dict[str, object]:
    return {
        "actor": find_actor(),
        "shell": shell_now(),
        "home_url": url_for("sign_ins.home"),
        "voice": current_voice(),
        "spoken": SPOKEN,
        "here": request.full_path if request.method == "GET" else "",
        "fragment": wants_fragment(),
    }


def _said(message: str, /, **values: object) -> Markup:
    """A sentence of ours may hold quotes as they are; what is filled in is escaped."""
    said = Markup(gettext(message))  # noqa: S704 # nosec B704 - the catalogues are ours, and a guard looks for markup in them
    return said % isolated(values) if values else said


def _iso(at: datetime) -> str:
    """A time for machines (HTML `datetime`)."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
