"""`portal run` makes everything ready, says where it is, and refuses in one line what cannot work."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from portal.cli import run as run_module
from portal.demo.ports import is_free
from tests.cast import PASSWORD
from tests.fixtures_demo import free_ports, keep
from tests.fixtures_portal import Clock, build

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(monkeypatch):
    """The folders from which a server would have been started."""
    roots = []
    monkeypatch.setattr(run_module, "_serve", roots.append)
    return roots


def run(app):
    return app.test_cli_runner().invoke(args=["portal", "run"])


def test_an_unmigrated_portal_is_made_ready_and_served(tmp_path, served):
    app = build(tmp_path, Clock(), port=free_ports().plain)
    answer = run(app)

    assert (answer.exit_code, served) == (0, [ROOT])
    assert f"Relaytree is at http://127.0.0.1:{app.extensions['portal.settings'].port}" in answer.output
    assert "portal setup" in answer.output


def test_the_demo_is_loaded_once_and_its_sign_ins_are_printed(demo_app, served):
    first, second = run(demo_app), run(demo_app)

    assert first.output == second.output
    assert all(f"{name}@demo.test" in first.output for name in ("pia", "rex", "sue", "cal", "otto"))
    assert PASSWORD in first.output
    assert "/demo/mailbox" in first.output


def test_a_demo_that_was_not_loaded_prints_no_sign_in(demo_app, served):
    demo_app.extensions["portal.services"].tenants.set_up(name="Somebody's own")
    answer = run(demo_app)

    assert "@demo.test" not in answer.output
    assert "were not added" in answer.output


def test_a_taken_port_is_named_with_the_way_out(make_portal, served):
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        answer = run(make_portal(port=port))

    assert (answer.exit_code, served) == (2, [])
    assert answer.stderr.startswith(f"Error: Port {port} is taken by another program. Take another one: PORT=")
    assert is_free(int(answer.stderr.split("PORT=")[1].split()[0]))


def test_a_taken_port_of_the_demo_mail_server_is_named_before_anything_starts(make_portal, tmp_path, served):
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        keep(free_ports()._replace(tls=port), tmp_path / "demo")
        answer = run(make_portal(demo=True, port=free_ports().plain))

    assert (answer.exit_code, served) == (2, [])
    assert f"Port {port} of the demo mail server" in answer.stderr


@pytest.fixture
def environ(tmp_path):
    keep(free_ports(), tmp_path / "demo")
    wanted = {"PORTAL_INSTANCE_DIR": str(tmp_path), "PORT": str(free_ports().plain), "PORTAL_DEMO": "1"}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}, **wanted}


def start(environ, *words):
    command = [sys.executable, "-W", "error::UserWarning", "-m", *words]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def answers(environ, *, within):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            return urlopen(f"http://127.0.0.1:{environ['PORT']}/sign-in", timeout=5).status
        except (URLError, ConnectionError):
            time.sleep(0.05)
    return None


@pytest.mark.slow
def test_the_real_command_serves_pages_and_the_demo_mail_server_until_it_is_interrupted(environ, tmp_path):
    process = start(environ, "flask", "--app", "wsgi", "portal", "run")
    try:
        assert answers(environ, within=20) == 200
        ports = [int(port) for port in json.loads((tmp_path / "demo/ports.json").read_text()).values()]
        assert [is_free(port) for port in ports] == [False, False, False]
    finally:
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=20)[0]

    assert process.returncode == 0
    assert "Traceback" not in printed
    assert [is_free(port) for port in ports] == [True, True, True]


@pytest.mark.slow
def test_a_demo_is_not_shown_to_the_network(environ):
    process = start(environ, "gunicorn", "--bind", f"0.0.0.0:{environ['PORT']}", "wsgi:app")
    printed = process.communicate(timeout=20)[0]

    assert process.returncode == 2
    assert "PORTAL_DEMO=1 is served on loopback alone" in printed


@pytest.mark.slow
@pytest.mark.parametrize("words", [("flask", "--app", "wsgi", "portal", "run"), ("gunicorn", "wsgi:app")])
def test_a_bad_setting_is_one_line_and_no_traceback(environ, words):
    process = start({**environ, "PORT": "abc"}, *words)
    printed = process.communicate(timeout=20)[0]

    assert process.returncode != 0
    assert printed.splitlines() == ["Error: PORT is a whole number from 1 to 65535, not 'abc'"]
