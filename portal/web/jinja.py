"""Knows what every template may use: translations, times, and a name that is missing is an error."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from babel.support import NullTranslations
from flask import Flask, request
from jinja2 import StrictUndefined, Undefined
from markupsafe import Markup

from portal.domain.languages import SPOKEN
from portal.domain.overview import MOST_COUNTED
from portal.domain.roles import Permission, granted
from portal.i18n import current_voice, gettext, isolated, ngettext
from portal.i18n.times import moment, number
from portal.web import sentences
from portal.web.addresses import ANY_TENANT, address
from portal.web.brands import brand_of
from portal.web.compiled import CompiledTemplate, written
from portal.web.identity import find_actor
from portal.web.lasting import lasting
from portal.web.patterns import filled_in
from portal.web.responses import wants_fragment
from portal.web.shell import shell_of

T = TypeVar("T")


def register(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.template_class = CompiledTemplate
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    # Ours fill in every value by themselves; the extension's own would fill in twice, and keep nothing in one piece.
    environment.filters["xmlattr"] = _attributes
    environment.globals.update(_=_said, gettext=_said, ngettext=ngettext)
    environment.filters.update(
        moment=moment,
        number=number,
        iso=_iso,
        kind_name=sentences.kind_name,
        encryption_name=sentences.encryption_name,
        role_name=sentences.role_name,
        state_name=sentences.state_name,
        outcome=sentences.outcome,
    )
    environment.globals.update(
        remembering=remembering,
        lasting=lasting,
        filled_in=filled_in,
        any_id=str(UUID(int=0)),
        most_counted=MOST_COUNTED,
        any_tenant=str(ANY_TENANT),
        url_for=address,
    )
    environment.globals.update(Permission=Permission, granted=granted, takeover_sentence=sentences.takeover_sentence)
    app.context_processor(_surroundings)


def remembering(write: Callable[..., T]) -> Callable[..., T]:
    """A macro or function that writes the same for the same values, for as long as one page is written."""
    return lru_cache(None, typed=True)(write)


def _surroundings() -> dict[str, object]:
    actor = find_actor()
    return {
        "actor": actor,
        "shell": shell_of(actor),
        "brand": brand_of(actor),
        "home_url": address("sign_ins.home"),
        "voice": current_voice(),
        "spoken": SPOKEN,
        "here": "" if actor or request.method != "GET" else request.full_path,
        "fragment": wants_fragment(),
    }


def _said(message: str, /, **values: object) -> Markup:
    """A sentence of ours may hold quotes as they are; what is filled in is escaped."""
    if not values:
        return _text(current_voice().translations, message)
    return Markup(gettext(message) % _escaped(isolated(values)))  # noqa: S704 # nosec B704


@lru_cache(4096)
def _text(catalog: NullTranslations, message: str) -> Markup:
    # The catalogues are ours, and a guard looks for markup in them.
    return Markup(catalog.ugettext(message))  # noqa: S704 # nosec B704


def _escaped(values: Mapping[str, object]) -> dict[str, object]:
    """By hand: a Markup that is filled in makes an object for every value, and a list has hundreds of them."""
    return {name: value if isinstance(value, int) else written(value) for name, value in values.items()}


def _attributes(values: Mapping[str, object]) -> Markup:
    """What Jinja's own filter writes; it looks at every name each time, and ours stand in templates."""
    told = [(name, value) for name, value in values.items() if value is not None and not isinstance(value, Undefined)]
    return Markup("".join([f' {_attribute(name)}="{written(value)}"' for name, value in told]))  # noqa: S704 # nosec B704


@lru_cache(512)
def _attribute(name: str) -> str:
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(name)
    return name


def _iso(at: datetime) -> str:
    """A time for machines (HTML `datetime`)."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
