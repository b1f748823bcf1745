"""Knows how an application is asked as a server asks it, what that takes, and what it asks its database meanwhile."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from http import HTTPStatus
from io import BytesIO

from flask import Flask

from portal.store.db import db
from tests.counting import noting
from tests.page import Browser

Ask = Callable[[], bytes]
Way = Callable[[Flask, str, str], Ask]


def calls(app: Flask, url: str, cookies: str) -> Ask:
    """Call the application without a client around it. Raises RuntimeError for anything but 200."""

    def ask() -> bytes:
        path, _, query = url.partition("?")
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


def client_calls(app: Flask, url: str, cookies: str) -> Ask:
    """The same through Flask's test client, which makes the request and reads the answer. Raises as `calls` does."""
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": cookies} if cookies else {}

    def ask() -> bytes:
        answer = client.get(url, headers=headers)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(answer.status)
        return answer.data

    return ask


def asker(app: Flask, browser: Browser, url: str, way: Way = calls) -> Ask:
    """The page as somebody gets it who has been there before: his session holds everything it will."""
    browser.page(url)
    cookies = "; ".join(f"{each.key}={each.value}" for each in browser.client._cookies.values())  # noqa: SLF001
    return way(app, url, cookies)


def _refuse_errors(status: str, _headers: object, _error: object = None) -> Callable[[bytes], None]:
    if not status.startswith("200"):
        raise RuntimeError(status)
    return lambda _body: None


def rounds_of(contenders: Mapping[str, Ask], *, rounds: int, each: int) -> dict[str, list[float]]:
    """Seconds of the processor for one request of each contender, round by round; every second round backwards."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: 1 if number % 2 == 0 else -1]:
            found[name].append(statistics.median(times_of(contenders[name], each)))
    return found


def times_of(ask: Ask, count: int, clock: Callable[[], float] = time.thread_time) -> list[float]:
    times = []
    for _ in range(count):
        began = clock()
        ask()
        times.append(clock() - began)
    return times


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What the database is asked meanwhile; how a transaction begins and ends does not count."""
    asked = list[str]()

    def note(statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA")):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    with noting(note, engine):
        yield asked
