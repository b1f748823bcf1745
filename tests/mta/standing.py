"""Knows what is the same about every real mail server here: its doors, what it kept, and the wait until it answers."""

import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests import certificates


@dataclass(frozen=True)
class RealServer:
    """`kept` gives the texts of the mails that it accepted."""

    name: str
    ports: Mapping[str, int]
    kept: Callable[[], list[bytes]]

    def typed(self, door: str) -> dict[str, object]:
        trust = {"trust_kind": "private_ca", "trust_pem": certificates.authority_pem()}
        return {"host": "127.0.0.1", "port": str(self.ports[door]), "encryption": door, **trust}


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def wait_for_ports(process: subprocess.Popen, *ports: int, patience: float = 20) -> None:
    end = time.monotonic() + patience
    for port in ports:
        while True:
            assert process.poll() is None, "it ended by itself"
            assert time.monotonic() < end, f"nobody answers on port {port}"
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                break
