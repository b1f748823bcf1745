"""Knows what the contenders send to: sinks and wires in processes of their own, on the other core."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme

USER, PASSWORD = "office@pia.example", "open sesame"
_SYSTEM = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to send. `authorities` is empty for a plain sink, or a file with the system's and the sink's."""

    port: int
    authorities: str = ""
    authority: str = ""  # the sink's alone, as PEM

    @property
    def encrypts(self) -> bool:
        return bool(self.authorities)


@contextlib.contextmanager
def plain() -> Iterator[Place]:
    """Postfix's smtp-sink, written in C, where there is one; else our own."""
    port = _free_port()
    sink = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    command = [sink, "-u", "nobody", f"127.0.0.1:{port}", "100"] if sink and os.geteuid() == 0 else _own("sink", port)
    with _running(command, port):
        yield Place(port)


@contextlib.contextmanager
def encrypted() -> Iterator[Place]:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            str(folder / "sink.pem")
        )
        own = authority.cert_pem.bytes()
        (folder / "authorities.pem").write_bytes((_SYSTEM.read_bytes() if _SYSTEM.exists() else b"") + own)
        with _running(_own("sink", port, str(folder / "sink.pem")), port):
            yield Place(port, str(folder / "authorities.pem"), own.decode())


@contextlib.contextmanager
def far(place: Place, *, milliseconds: int) -> Iterator[Place]:
    """The same place at the end of a wire."""
    port = _free_port()
    with _running(_own("delay", port, str(place.port), str(milliseconds)), port):
        yield Place(port, place.authorities, place.authority)


def _own(module: str, port: int, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.mail.{module}", str(port), *arguments]


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, preexec_fn=_on_the_other_core) as process:  # noqa: PLW1509 - no threads yet
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()


def _on_the_other_core() -> None:
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("a sink ended by itself")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a sink does not answer")
