"""Knows what every test may rely on: nothing leaves this machine, and what is missing here says so."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import pytest
from hypothesis import settings

# Fixtures live in tests/fixtures_<noun>.py; each is named here.
# The canaries first: a portal of a test is watched by them.
pytest_plugins = ("tests.fixtures_canaries", "tests.fixtures_portal", "tests.fixtures_demo")

IN_CI = os.environ.get("CI") == "true"

# No deadline per example: two shared processors make one slow example out of any hundred.
settings.register_profile("dev", max_examples=60, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "dev")

_escapes: list[str] = []


@pytest.fixture(scope="session")
def require() -> Callable[[str], str]:
    """`require("postfix")` gives the path of a system program, or skips the test; in CI it fails instead."""

    def path_of(program: str) -> str:
        path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if path is None and IN_CI:
            pytest.fail(f"{program} is not installed, and CI skips nothing", pytrace=False)
        if path is None:
            pytest.skip(f"NOT TESTED HERE: {program} is not installed (.ci/run installs it)")
        return path

    return path_of


@pytest.fixture(scope="session", autouse=True)
def _guarded_sockets() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(_guarded_sockets: None) -> Iterator[None]:
    """Fails the test even where the code under test, or a thread of it, swallowed the refusal."""
    _escapes.clear()
    yield
    if _escapes:
        pytest.fail(f"tried to leave this machine: {', '.join(_escapes)}", pytrace=False)


def _guarded(real: Callable) -> Callable:
    def guarded(this: socket.socket, *arguments: object) -> object:
        # The address is the last argument of each: connect(address), sendto(data[, flags], address).
        if _leaves(this, arguments[-1]):
            _escapes.append(f"{real.__name__} to {arguments[-1]!r}")
            raise ConnectionRefusedError("tests stay on this machine")
        return real(this, *arguments)

    return guarded


def _leaves(this: socket.socket, address: object) -> bool:
    if this.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    host = address[0] if isinstance(address, tuple) else address
    try:
        return host != "localhost" and not ip_address(host).is_loopback
    except ValueError:
        return True
