"""Knows the least that a durable sender has to do: the same five writes for each mail, the same wire, nothing else."""

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import psycopg

from benchmarks.mail import letters
from benchmarks.mail.contenders import HOST, timed
from benchmarks.mail.stage import Place
from benchmarks.rounds import Measure
from portal.domain.mail_config import Destination, Encryption, Server, SignIn
from portal.mail.connection import DELIVERY, Envelope, open_session
from portal.mail.egress import Egress

_TABLE = "CREATE TABLE mails (id BIGINT PRIMARY KEY, state TEXT, content TEXT, bytes {bytes})"
Commit = Callable[[str, tuple[object, ...]], None]


@contextmanager
def loop(place: Place, count: int, url: str | None) -> Iterator[Measure]:
    """`url` is that of a PostgreSQL database; None is a SQLite file, written as durably as ours."""
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder), url) as commit:
        journal = os.open(Path(folder) / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            numbers = itertools.count()
            yield lambda: timed(count, lambda many: _deliver(place, commit, journal, numbers, many))
        finally:
            os.close(journal)


def _deliver(place: Place, commit: Commit, journal: int, numbers: Iterator[int], count: int) -> None:
    server = Server(Destination(HOST, place.port, Encryption.NONE, ""), SignIn.NONE, "portal.example.test")
    egress = Egress((ip_network("127.0.0.0/8"),), frozenset({place.port}))
    waiting = list(itertools.islice(numbers, count))
    for number in waiting:
        commit(
            "INSERT INTO mails (id, state, content) VALUES (?, 'queued', ?)", (number, letters.text_of(number, "2 KB"))
        )
    with open_session(
        server, None, egress=egress, deadlines=DELIVERY, observe=lambda _finding: None, is_recorded=False
    ) as session:
        for number in waiting:
            commit("UPDATE mails SET state = 'sending' WHERE id = ?", (number,))
            written = letters.ours(number, letters.text_of(number, "2 KB"))
            session.offer(Envelope(letters.SENDER, (letters.RECIPIENT,), len(written.content)))
            session.stream(written)
            commit("UPDATE mails SET state = 'committing', bytes = ? WHERE id = ?", (written.content, number))
            reply = session.finish()
            os.write(journal, f"{number} {reply}\n".encode())
            os.fsync(journal)
            commit("UPDATE mails SET state = 'sent', bytes = NULL WHERE id = ?", (number,))


@contextmanager
def _database(folder: Path, url: str | None) -> Iterator[Commit]:
    if url is None:
        file = sqlite3.connect(folder / "bare.db", isolation_level=None)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=FULL")
        file.execute(_TABLE.format(bytes="BLOB"))
        yield lambda statement, values: _ignore(file.execute(statement, values))
        file.close()
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(_TABLE.format(bytes="BYTEA"))
        yield lambda statement, values: _ignore(server.execute(statement.replace("?", "%s"), values, prepare=True))


def _ignore(_cursor: object) -> None:
    """Every statement commits by itself."""
