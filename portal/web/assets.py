"""Knows the stylesheet, the script and the icons that every page loads: joined once, named by their content."""

import gzip
import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

from portal.web.policy import public

blueprint = Blueprint("assets", __name__, url_prefix="/assets")

# Patterns are read in this order, the files of one pattern by name. The cascade does not depend on it: layers do that.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "app.css": (
        "css/layers.css",
        "vendor/pico.min.css",
        "css/tokens.css",
        "css/pico-tokens.css",
        "css/base.css",
        "css/layouts.css",
        "css/components/*.css",
        "css/pages/*.css",
        "css/utilities.css",
    ),
    "app.js": ("vendor/htmx.min.js", "js/main.js", "js/behaviours/*.js"),
    "sprite.svg": ("icons/sprite.svg",),
    "mark.svg": ("icons/mark.svg",),
}
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_EXTENSION = "assets"
_here: ContextVar[Mapping[str, str] | None] = ContextVar("portal.assets", default=None)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as browsers get it; `name` changes whenever `body` does."""

    name: str
    body: bytes
    content_type: str


class Shelf:
    """Holds the joined assets. A watchful shelf joins again when a file on disk changed; others never look twice."""

    def __init__(self, root: Path, *, watchful: bool = False) -> None:
        self._root = root
        self._watchful = watchful
        self._stamp = self._stamp_of_files()
        self._assets = self._join_all()
        self._addresses: dict[str, Mapping[str, str]] = {}

    def name_of(self, public_name: str) -> str:
        """The name under which `public_name` (such as "app.css") is served now. Raises KeyError for no asset."""
        return self._current()[public_name].name

    def addresses(self, mount: str) -> Mapping[str, str]:
        """The address of each asset while the portal is mounted at `mount`, by its public name."""
        assets = self._current()
        if mount not in self._addresses:
            self._addresses[mount] = {name: url_for("assets.show", name=each.name) for name, each in assets.items()}
        return self._addresses[mount]

    def find(self, name: str) -> Asset | None:
        """The asset served under `name`, hash included."""
        return next((asset for asset in self._current().values() if asset.name == name), None)

    def _current(self) -> Mapping[str, Asset]:
        if self._watchful and self._stamp != (stamp := self._stamp_of_files()):
            self._stamp, self._assets, self._addresses = stamp, self._join_all(), {}
        return self._assets

    def _join_all(self) -> Mapping[str, Asset]:
        return {public_name: self._join(public_name) for public_name in _PARTS}

    def _join(self, public_name: str) -> Asset:
        body = "\n".join(self._read(path) for path in self._files(public_name)).encode()
        path = PurePosixPath(public_name)
        name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:16]}{path.suffix}"
        return Asset(name, body, _TYPES[path.suffix])

    def _read(self, path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        return _in_lowest_layer(text) if path.name == "pico.min.css" else text

    def _files(self, public_name: str) -> list[Path]:
        return [path for pattern in _PARTS[public_name] for path in sorted(self._root.glob(pattern))]

    def _stamp_of_files(self) -> tuple[tuple[str, int], ...]:
        return tuple((str(path), path.stat().st_mtime_ns) for name in _PARTS for path in self._files(name))


def install(app: Flask) -> None:
    """Join the assets of `app.static_folder`, serve them, and give the templates `asset_url(name)`."""
    app.extensions[_EXTENSION] = Shelf(Path(cast("str", app.static_folder)), watchful=app.debug)
    app.jinja_env.globals["asset_url"] = asset_url
    app.register_blueprint(blueprint)

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        _here.set(None)


def asset_url(public_name: str) -> str:
    """The address of "app.css", "app.js", "sprite.svg" or "mark.svg"; it changes with the content."""
    # Found once for each request: a list asks for the sprite hundreds of times.
    addresses = _here.get()
    if addresses is None:
        addresses = _shelf().addresses(request.script_root)
        _here.set(addresses)
    return addresses[public_name]


@blueprint.get("/<name>")
@public("the same bytes for everybody, signed in or not")
def show(name: str) -> Response:
    asset = _shelf().find(name)
    if asset is None:
        abort(404)
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(_zipped(asset.body) if zipped else asset.body, content_type=asset.content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=2 * len(_PARTS))
def _zipped(body: bytes) -> bytes:
    """Zipped when somebody asks for it first: a start waits for nothing that it may not need."""
    return gzip.compress(body, mtime=0)


def _in_lowest_layer(css: str) -> str:
    """Let everything of ours win over `css`. @charset may only stand first in a stylesheet, so it goes."""
    rules = css.removeprefix('@charset "UTF-8";')
    return f"@layer pico {{\n{rules}\n}}"


def _shelf() -> Shelf:
    return cast("Shelf", current_app.extensions[_EXTENSION])
