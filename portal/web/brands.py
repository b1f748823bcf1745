"""Knows under which names the portal answers, and the brand that a page shows: its person's, or that of the name."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from werkzeug.exceptions import SecurityError

from portal.domain.brand_book import BrandBook
from portal.domain.branding import UNBRANDED, Branding
from portal.domain.errors import UnavailableError
from portal.domain.roles import Actor
from portal.settings import Settings
from portal.web.brand_styles import style_name
from portal.web.identity import come_under, host_now, services

# What no name of ours is: no session ever began under it.
_NOWHERE = "?"


@dataclass(frozen=True, slots=True)
class Face:
    """A brand as pages show it. `style_url` and `logo_url` are empty where nobody set a colour or a logo."""

    called: str
    style_url: str
    logo_url: str
    support: str
    privacy: str
    terms: str
    imprint: str


def register(app: Flask, settings: Settings) -> None:
    """Call it before anybody asks who is signed in: a session counts under its own name alone.

    In production a name that is neither the portal's nor an approved brand host is refused, because behind a proxy the
    Host header is whatever somebody typed. Elsewhere it is taken for the portal's own.
    """
    own = urlsplit(settings.public_url).hostname

    @app.before_request
    def answer_to_our_names() -> None:
        name = _name_of(request.host)
        come_under("" if name == own else _NOWHERE)
        if name == own:
            return
        if name in _brand_hosts(settings):
            come_under(name)
        elif settings.production:
            raise SecurityError
        else:
            come_under("")


def _brand_hosts(settings: Settings) -> Collection[str]:
    """Where no name is refused, none is missed while there is no database."""
    try:
        return services().brandings.shelf.book().hosts
    except UnavailableError:
        if settings.production:
            raise
        return ()


def brand_of(actor: Actor | None) -> Face:
    """Never stands in the way of a page: without a database it is the portal's own."""
    try:
        return face_of(_applying(services().brandings.shelf.book(), actor))
    except UnavailableError:
        return face_of(UNBRANDED)


def face_of(branding: Branding) -> Face:
    return Face(
        called=branding.called,
        style_url=url_for("brand_files.show", name=style_name(branding.accent)) if branding.accent else "",
        logo_url=url_for("brand_files.show", name=branding.logo.name) if branding.logo else "",
        support=branding.support or "",
        privacy=branding.privacy or "",
        terms=branding.terms or "",
        imprint=branding.imprint or "",
    )


def _applying(book: BrandBook, actor: Actor | None) -> Branding:
    place = book.hosts.get(host_now())
    if actor is not None:
        return book.applying_to(actor.tenant.path)
    return book.applying_to(place.path) if place else book.of_root()


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; empty where it holds none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
