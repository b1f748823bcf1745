"""python -m benchmarks.pages [--quick] [--write]: what pages cost inside of the process, beside a bare one."""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import event

from benchmarks import machine
from benchmarks.delivery.ours import made
from benchmarks.mail.stage import Place
from benchmarks.page import FIGURES, keep
from portal.store.db import db
from tests.cast import Cast, plant
from tests.page import Browser

_ROWS = 50
_PATHS = ("mail-configs", "tree", "people", "profiles", "mail-log", "audit-log")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = _report(Path(folder), rounds=3 if options.quick else 15)
    print(text)
    if options.write:
        keep(text, FIGURES, "pages")


def _report(folder: Path, *, rounds: int) -> str:
    app = made(folder, Place(2), None)
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        _fill(cast)
    hello, sue = _hello(), Browser.of(app, cast.sue)
    pages = {path: asker(app, sue, f"/t/{cast.sue.tenant.id}/{path}") for path in _PATHS}
    for ask in (hello, *pages.values()):
        ask()
    gc.collect()
    gc.freeze()
    floor = _times(hello, rounds)
    lines = [_line("hello, a bare Flask page", floor, floor, 0)]
    for path, ask in pages.items():
        lines.append(_line(f"{path}, {_ROWS} rows", _times(ask, rounds), floor, statements(app, ask)))
    return "\n".join(
        [
            f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}.",
            "",
            "| page, signed in | p50 | p99 | × hello | statements |",
            "|---|---|---|---|---|",
            *lines,
        ]
    )


def _fill(cast: Cast) -> None:
    services, own = cast.services, cast.sue.tenant.id
    for number in range(_ROWS):
        cast.config(cast.sue, name=f"Relay {number}")
        child = services.tenants.create(cast.pia, own, kind="customer", name=f"Company {number}")
        services.invitations.invite(cast.sue, own, email=f"otto{number}@demo.test", name="Otto", role="staff")
        services.profiles.create(cast.sue, own, name=f"Profile {number}")
        assert child.parent_id == own


def _hello() -> Callable[[], object]:
    app = Flask("hello")

    @app.get("/")
    def hello() -> str:
        return "hello"

    return _calls(app, "/", "")


def asker(app: Flask, browser: Browser, url: str) -> Callable[[], object]:
    cookies = "; ".join(f"{each.key}={each.value}" for each in browser.client._cookies.values())  # noqa: SLF001
    return _calls(app, url, cookies)


def _calls(app: Flask, url: str, cookies: str) -> Callable[[], object]:
    """Call the application as a server does, without a client around it."""
    path, _, query = url.partition("?")

    def ask() -> bytes:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": cookies,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
        }
        answer: Iterable[bytes] = app(environ, _refuse_errors)
        with closing(answer):  # type: ignore[type-var]
            return b"".join(answer)

    return ask


def _refuse_errors(status: str, _headers: object, _error: object = None) -> Callable[[bytes], None]:
    if not status.startswith("200"):
        raise RuntimeError(status)
    return lambda _body: None


def _times(ask: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds * 20):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return times


def statements(app: Flask, ask: Callable[[], object]) -> int:
    asked = list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([each for each in asked if not each.startswith("BEGIN")])


def _line(name: str, times: list[float], floor: list[float], statements: int) -> str:
    centiles = statistics.quantiles(times, n=100)
    ratio = statistics.median(times) / statistics.median(floor)
    return f"| {name} | {centiles[49] * 1e3:.2f} ms | {centiles[98] * 1e3:.2f} ms | {ratio:.1f} | {statements} |"


if __name__ == "__main__":
    main()
