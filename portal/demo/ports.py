"""Knows the demo mail server's ports: chosen once, because the stored mail passwords are bound to them."""

import json
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from portal.demo.private_files import write_private
from portal.settings import BadSettingError

LOOPBACK = "127.0.0.1"


class Ports(NamedTuple):
    """One port of the demo mail server per kind of encryption; `plain` has none and takes no sign-in."""

    starttls: int
    tls: int
    plain: int


_PREFERRED = Ports(starttls=2587, tls=2465, plain=2525)
_FILE = "ports.json"


class PortTakenError(RuntimeError):
    """Another program listens on a port of ours. The text names the port and the way out."""


def kept_ports(folder: Path) -> Ports:
    """Return the ports kept in `folder`, or choose free ones and keep them. Raises BadSettingError for a bad file."""
    path = folder / _FILE
    if not path.exists():
        write_private(path, json.dumps(_chosen()._asdict()).encode())
    try:
        return Ports(
            **{name: _as_port(number) for name, number in json.loads(path.read_text(encoding="ascii")).items()}
        )
    except (ValueError, TypeError, AttributeError):
        problem = "does not hold the demo's three ports: delete it, and new ones are chosen"
        raise BadSettingError(f"{path} {problem}") from None


def ensure_free(ports: Ports, folder: Path) -> None:
    """Raise PortTakenError for the first port that another program listens on."""
    for port in ports:
        if not is_free(port):
            raise PortTakenError(
                f"Port {port} of the demo mail server is taken by another program. Stop that program; or delete "
                f"{folder / _FILE}, and new ports are chosen: give them to the demo's configurations by hand then."
            )


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    try:
        _bound(port).close()
    except OSError:
        return False
    return True


def _as_port(number: object) -> int:
    if isinstance(number, int) and 0 < number < 65536:
        return number
    raise ValueError("not a port")


def _chosen() -> Ports:
    with ExitStack() as held:  # all three are held until the last is found, so that none is found twice
        return Ports(*(_held(held, port).getsockname()[1] for port in _PREFERRED))


def _held(held: ExitStack, port: int) -> socket.socket:
    try:
        return held.enter_context(_bound(port))
    except OSError:
        return held.enter_context(_bound(0))


def _bound(port: int) -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Without this a port that was used a minute ago would still count as taken (TIME_WAIT).
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        link.bind((LOOPBACK, port))
    except OSError:
        link.close()
        raise
    return link
