"""Knows a portal on many processes: PostgreSQL, Redis, two web processes, two workers and a beat, each of them mortal."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests import postgres
from tests.postgres import Postgres
from tests.slow.live import ROOT, free_port

_BIN = Path(sys.executable).parent
_PATIENCE = 30


@dataclass
class Part:
    """One program of the installation, with everything that it starts."""

    name: str
    command: list[str]
    environ: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environ, stdout=sink, stderr=sink, start_new_session=True
            )

    def kill(self) -> None:
        """End it and all its processes at once, as a machine does that loses its power."""
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        """Ask it to end, and wait until it has; what it returned."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@dataclass
class Scaled:
    url: str
    environ: dict[str, str]
    postgres: Postgres
    database: str
    parts: dict[str, Part] = field(default_factory=dict)

    def command(self, *arguments: str, **more: str) -> str:
        """Run a command of the portal, and return what it printed."""
        done = subprocess.run(
            [_BIN / "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env={**self.environ, **more},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def flush_broker(self) -> None:
        """Throw away all that the broker holds."""
        redis.Redis.from_url(self.environ["PORTAL_BROKER_URL"]).flushall()

    def logs(self) -> str:
        return "\n".join(f"--- {part.name}\n{part.log.read_text()[-3000:]}" for part in self.parts.values())


@contextmanager
def running(folder: Path, *, mail_port: int, require: Callable[[str], str]) -> Iterator[Scaled]:
    """Everything on loopback, on ports of its own; `mail_port` is the mail server that may be reached."""
    port, broker_port = free_port(), free_port()
    journal = folder / "journal"
    journal.mkdir()
    with postgres.running(durable=True) as server, ExitStack() as ends:
        database = server.create()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        environ |= {
            "PORT": str(port),
            "PORTAL_INSTANCE_DIR": str(folder / "instance"),
            "PORTAL_JOURNAL_DIR": str(journal),
            "PORTAL_DATABASE_URL": server.url(database),
            "PORTAL_BROKER_URL": f"redis://127.0.0.1:{broker_port}/0",
            "PORTAL_PROCESSES": "2",
            "PORTAL_EGRESS_NETWORKS": "127.0.0.0/8",
            "PORTAL_EGRESS_PORTS": str(mail_port),
        }
        scaled = Scaled(f"http://127.0.0.1:{port}", environ, server, database)
        broker = [
            require("redis-server"),
            "--port",
            str(broker_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        flask = [str(_BIN / "flask"), "--app", "wsgi"]
        commands = {
            "broker": broker,
            "web": [str(_BIN / "gunicorn"), "--config", "gunicorn.conf.py", "wsgi:app"],
            "worker": [*flask, "portal", "worker", "--senders", "2"],
            "another worker": [*flask, "portal", "worker", "--senders", "2"],
            "beat": [*flask, "portal", "beat"],
        }
        scaled.command("db", "upgrade")
        for name, command in commands.items():
            part = Part(name, command, environ, folder / f"{name.replace(' ', '-')}.log")
            scaled.parts[name] = part
            part.start()
            ends.callback(part.kill)
        _await_port(port)
        yield scaled


def _await_port(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the portal does not serve")
