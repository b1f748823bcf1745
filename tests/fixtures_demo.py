"""Knows how a test gets the demo: its people in a portal of their own, and its mail server on ports of its own."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask

from portal.demo import Demo
from portal.demo.ports import Ports
from portal.domain.secret import Secret
from portal.store.db import db
from tests.cast import PASSWORD


def free_ports() -> Ports:
    with ExitStack() as held:
        links = [held.enter_context(socket.socket()) for _ in range(3)]
        for link in links:
            link.bind(("127.0.0.1", 0))
        return Ports(*(link.getsockname()[1] for link in links))


def keep(ports: Ports, folder: Path) -> Ports:
    """Let a demo find these ports instead of the usual ones, which the next test may want at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ports.json").write_text(json.dumps(ports._asdict()))
    return ports


@pytest.fixture
def demo_app(make_portal: Callable[..., Flask], tmp_path: Path) -> Iterator[Flask]:
    """A demo portal in which nobody is yet."""
    ports = keep(free_ports(), tmp_path / "demo")
    loopback = (ip_network("127.0.0.0/8"),)
    app = make_portal(
        demo=True, demo_password=Secret(PASSWORD), egress_networks=loopback, egress_ports=frozenset(ports)
    )
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def demo(demo_app: Flask) -> Demo:
    """The demo with its people loaded; its mail server does not run."""
    stage = demo_app.extensions["portal.demo"]
    stage.load(demo_app.extensions["portal.services"])
    return stage


@pytest.fixture
def running_demo(demo: Demo) -> Iterator[Demo]:
    demo.start()
    yield demo
    demo.stop()
