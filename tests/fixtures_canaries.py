"""Knows every secret that a test makes, and looks for it, when the test is over, wherever it must not stand.

No test has to do anything for it: whatever becomes a `Secret`, and every random token, is a canary. Where one stands for a
reason, the test says so: `@pytest.mark.shows_secrets("why")`.
"""

import logging
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from email import message_from_bytes, policy
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask, Response, request, request_finished

from portal.domain.secret import Secret
from tests.guards.canaries import needles
from tests.mail_server import Letter

# Shorter ones are words that stand anywhere.
LEAST = 11
# Random octets of these lengths are kept from everybody: recovery codes, seeds of second factors, data keys.
KEPT = frozenset({15, 20, 32})
# Who makes tokens for links that are mailed, and who shows one to whoever asked for it where nothing can be mailed.
MAILING, SHOWING = frozenset({"portal.services.links", "portal.services.contacts"}), "portal.services.invitations"
# Tests of the parsers make thousands, and no portal.
MOST = 300
# Octets that are searched together.
AT_ONCE = 4_000_000


class Where(StrEnum):
    ANSWER = "the answer to"
    LOG = "the log of"
    FILE = "the file"
    MAIL = "a mail to"


class Place(NamedTuple):
    """A text that leaves, or stays; `but` is what whoever reads it has before him anyway."""

    where: Where
    name: str
    text: bytes
    but: bytes = b""


class Watch:
    """What is secret now, with the places that it is meant for, and what was seen of it elsewhere."""

    def __init__(self) -> None:
        self._secrets: dict[bytes, frozenset[Where]] = {}
        self._places: list[Place] = []
        self._size = 0
        self._seen: list[str] = []

    def begin(self) -> None:
        self._secrets.clear()
        self._places.clear()
        self._seen.clear()

    def keep(self, secret: bytes, *meant_for: Where) -> None:
        if len(secret) >= LEAST and len(self._secrets) < MOST:
            self._secrets.setdefault(secret, frozenset(meant_for))

    def kept(self) -> Mapping[bytes, frozenset[Where]]:
        """What is secret now, with the places that it is meant for."""
        return dict(self._secrets)

    def keep_again(self, secrets: Mapping[bytes, frozenset[Where]]) -> None:
        """What another test made, and this one has before it."""
        self._secrets.update(secrets)

    def look(self, place: Place) -> None:
        self._places.append(place)
        self._size += len(place.text)
        if self._size > AT_ONCE:
            self._search()

    def seen(self) -> list[str]:
        """Each secret with each place where it stands and need not."""
        self._search()
        return list(dict.fromkeys(self._seen))

    def _search(self) -> None:
        everything = b"\0".join(place.text for place in self._places)
        for secret, meant_for in self._secrets.items():
            written = needles(secret)
            if any(each in everything for each in written):
                self._seen += [
                    f"{secret!r} in {place.where} {place.name}"
                    for place in self._places
                    if place.where not in meant_for
                    and secret not in place.but
                    and any(each in place.text for each in written)
                ]
        self._places.clear()
        self._size = 0


class Listening(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch, self._format = watch, logging.Formatter("%(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "mail.log":  # the receiving end of the tests' mail server
            text = f"{self._format.format(record)} {record.__dict__}"
            self._watch.look(Place(Where.LOG, record.name, text.encode("utf-8", "replace")))


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    watch, listening = Watch(), None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Secret, "__init__", _told(Secret.__init__, watch))
        for name in ("token_urlsafe", "token_bytes"):
            patch.setattr(secrets, name, _random(getattr(secrets, name), watch))
        listening = Listening(watch)
        logging.getLogger().addHandler(listening)
        with request_finished.connected_to(_answered(watch)):
            yield watch
        logging.getLogger().removeHandler(listening)


@pytest.fixture(autouse=True)
def _no_secret_stands_where_it_need_not(watch: Watch, request: pytest.FixtureRequest) -> Iterator[None]:
    has_portal = "make_portal" in request.fixturenames
    folder, server = (request.getfixturevalue(name) if has_portal else None for name in ("tmp_path", "mail_server"))
    watch.begin()
    yield
    if request.node.get_closest_marker("shows_secrets"):
        return
    if has_portal:
        for path in _kept_by_a_portal(folder):
            watch.look(Place(Where.FILE, path.name, path.read_bytes()))
        for letter in server.letters:
            watch.look(Place(Where.MAIL, ", ".join(letter.recipients), _decoded(letter)))
    if seen := watch.seen():
        pytest.fail("\n".join(seen), pytrace=False)


def _told(real: Callable, watch: Watch) -> Callable:
    def init(self: Secret, text: str) -> None:
        real(self, text)
        if isinstance(text, str):
            watch.keep(text.encode("utf-8", "surrogatepass"))

    return init


def _random(real: Callable, watch: Watch) -> Callable:
    def made(size: int | None = None) -> str | bytes:
        token, (caller, asker) = real(size), _callers()
        if caller.startswith("portal.") and (isinstance(token, str) or size in KEPT):
            mailed = (Where.MAIL,) if caller in MAILING else ()
            shown = (Where.ANSWER,) if asker == SHOWING else ()
            watch.keep(token.encode() if isinstance(token, str) else token, *mailed, *shown)
        return token

    return made


def _callers() -> tuple[str, str]:
    """The modules of whoever asked for a token, and of whoever asked him."""
    caller = sys._getframe(2)
    return caller.f_globals["__name__"], caller.f_back.f_globals["__name__"] if caller.f_back else ""


def _answered(watch: Watch) -> Callable:
    def finished(sender: Flask, response: Response) -> None:
        """Cookies hold the reference that they are for; a demo shows its password, and its mails."""
        if (
            "portal.settings" not in sender.extensions
            or sender.extensions["portal.settings"].demo
            or response.is_streamed
        ):
            return
        headers = [(name, value) for name, value in response.headers if name != "Set-Cookie"]
        asked = f"{request.url} {dict(request.headers)}".encode()
        watch.look(Place(Where.ANSWER, request.path, f"{headers}\n".encode() + response.get_data(), asked))

    return finished


def _kept_by_a_portal(folder: Path) -> Iterable[Path]:
    return (
        path
        for pattern in ("portal.db*", "journal/*", "journal/**/*")
        for path in folder.glob(pattern)
        if path.is_file()
    )


def _decoded(letter: Letter) -> bytes:
    parts = list(message_from_bytes(letter.raw, policy=policy.SMTP).walk())
    return b"".join(
        str(part.items()).encode("utf-8", "replace") + (part.get_payload(decode=True) or b"") for part in parts
    )
