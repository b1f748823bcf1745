"""Knows what every template may use: translations, times, and a name that is missing is an error."""

from datetime import UTC, datetime

from flask import Flask, url_for
from jinja2 import StrictUndefined

from portal.domain.roles import Permission, granted
from portal.i18n import gettext, ngettext
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
    # Ours fills in %(number)s and every value by itself; the extension's own would fill in twice.
    environment.globals["ngettext"] = ngettext
    environment.filters.update(
        moment=_moment,
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
        "language": "en",
        "direction": "ltr",
        "fragment": wants_fragment(),
    }


def _moment(at: datetime) -> str:
    """A time for people, in UTC until users have zones."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _iso(at: datetime) -> str:
    """A time for machines (HTML `datetime`)."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
