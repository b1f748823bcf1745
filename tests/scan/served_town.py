"""Knows how a portal in which everybody has everything is served to one scanner, which meets it at every request as it was."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from flask_migrate import upgrade
from werkzeug.serving import BaseWSGIServer, make_server

from portal.store.db import db
from tests.fixtures_portal import Clock, build
from tests.guards.inhabited import Inhabited, inhabiting

_LOOKS = 0.2  # seconds between two looks at whether the scanner is done


@contextmanager
def served_town(folder: Path) -> Iterator[tuple[Inhabited, BaseWSGIServer]]:
    """It answers while `serve` is called, one request after the other: what the database holds is put back after each."""
    empty, lived_in = folder / "empty", folder / "town"
    empty.mkdir(parents=True)
    lived_in.mkdir()
    app = build(empty, Clock())
    with app.app_context():
        upgrade()
        db.engine.dispose()
    with inhabiting(lived_in, empty / "portal.db", Clock()) as town:
        server = make_server("127.0.0.1", 0, _as_it_was(town))
        server.timeout = _LOOKS
        try:
            yield town, server
        finally:
            server.server_close()


def serve(server: BaseWSGIServer, scanner: Popen) -> None:
    """Answer until the scanner is done."""
    while scanner.poll() is None:
        server.handle_request()


def _as_it_was(town: Inhabited) -> Callable:
    def answered(environ: dict, start: Callable) -> Iterable[bytes]:
        pieces = town.app.wsgi_app(environ, start)
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", bool)()
        if town.records.has_changed():
            town.records.restore()
        return [body]

    return answered
