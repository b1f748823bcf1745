"""Knows a portal as a newcomer gets it: started by its own command, with the demo, in a folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "the demo's password"


@dataclass(frozen=True)
class Live:
    """`output` is what the start printed."""

    url: str
    instance: Path
    output: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(instance: Path, **environ: str) -> Iterator[Live]:
    """The portal, serving; ended by the same signal that Ctrl+C sends."""
    port = free_port()
    own = {
        "PORT": str(port),
        "PORTAL_INSTANCE_DIR": str(instance),
        "PORTAL_DEMO": "1",
        "PORTAL_DEMO_PASSWORD": PASSWORD,
        "PYTHONUNBUFFERED": "1",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    log = instance.parent / "portal.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", "portal", "run"],
            cwd=ROOT,
            env={**clean, **own, **environ},
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process, log)
            yield Live(url, instance, log.read_text())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the portal ended at its start:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{url}/sign-in", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the portal did not come up:\n{log.read_text()}")


def password_in(output: str) -> str:
    """The password that a start printed."""
    found = re.search(r"password (\S.*)$", output, re.MULTILINE)
    assert found, output
    return found[1].strip()
