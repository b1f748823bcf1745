"""What is shipped for many processes fits the portal: its settings, its commands, its files, and the time it needs to stop."""

import os
import re
import runpy
import shlex
import subprocess
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
import yaml
from flask.cli import ScriptInfo
from flask_migrate.cli import db as migrations

from portal.settings import SETTING_NAMES, Settings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").glob("*.service"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
PARTS = {name: part for name, part in COMPOSE["services"].items() if part["image"] == "relaytree"}
# RFC 5321 §4.5.3.2.6: so long a server may think about the end of a mail.
SLOWEST_ANSWER = 600


def command_of(part):
    return part.get("command") or re.search(r"^CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]


def commands():
    yield from ((f"Procfile: {name}", shlex.split(line)) for name, line in PROCFILE.items())
    for name, part in PARTS.items():
        command = command_of(part)
        yield f"docker-compose.yml: {name}", command if isinstance(command, list) else yaml.safe_load(command)
    for unit in UNITS:
        for line in re.findall(r"^ExecStart(?:Pre)?=(.*)$", unit.read_text(), re.MULTILINE):
            program, *rest = shlex.split(line)
            yield unit.name, [program.removeprefix("/opt/relaytree/.venv/bin/"), *rest]


def parse(app, words):
    """Read a command line as the portal would, without running it."""
    group, *rest = words
    tree = {"portal": app.cli.commands["portal"], "db": migrations}[group]
    context = click.Context(tree, obj=ScriptInfo(create_app=lambda: app), resilient_parsing=False)
    name, command, arguments = tree.resolve_command(context, rest)
    command.make_context(name, arguments, parent=context).close()


@pytest.mark.parametrize(("place", "words"), list(commands()), ids=lambda each: each if isinstance(each, str) else "")
def test_every_command_line_is_one_that_the_portal_knows(app, place, words):
    if words[0] == "gunicorn":
        assert (words[-1], words[words.index("--config") + 1]) == ("wsgi:app", "gunicorn.conf.py")
    else:
        assert words[:3] == ["flask", "--app", "wsgi"]
        parse(app, words[3:])


@pytest.mark.parametrize("name", PARTS)
def test_every_setting_of_a_container_is_one_of_the_portals(name):
    environment = PARTS[name]["environment"]
    assert [each for each in environment if each not in SETTING_NAMES] == []
    assert all(isinstance(value, str) for value in environment.values())


def test_the_settings_of_a_container_let_it_start(tmp_path):
    """With the secrets in place, and with what docs/scaling.md wants in .env.portal."""
    environment = dict(PARTS["worker"]["environment"])
    secrets = {
        "database_url": "postgresql://relaytree:x@database/relaytree",
        "broker_url": "redis://broker:6379/0",
        "secret_key": "Zr8KqV3nWx1Tf6LmYb0HsPd9Jc4GuE7oAi5XtNj2",
        "keys": "2026:jTzDqCq0lIe3Yb7G9QqDN1d9lCYF7wFv3dWmJ0sX0pA=",
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(value)
    environment = {name: value.replace("/run/secrets", str(tmp_path)) for name, value in environment.items()}
    settings = Settings.from_environ(
        environment | {"PORTAL_PUBLIC_URL": "https://mail.example.com", "PORTAL_JOURNAL_DIR": str(tmp_path)}, ROOT
    )

    assert settings.broker_url.reveal() == secrets["broker_url"]


@pytest.mark.parametrize("name", PARTS)
def test_every_secret_of_a_container_is_given_to_it(name):
    wanted = {Path(value).name for key, value in PARTS[name]["environment"].items() if key.endswith("_FILE")}
    assert wanted <= set(PARTS[name]["secrets"]) <= set(COMPOSE["secrets"])


@pytest.mark.parametrize("name", PARTS)
def test_the_journal_outlives_every_container(name):
    volumes = dict(each.split(":") for each in PARTS[name]["volumes"])
    assert volumes["journal"] == PARTS[name]["environment"]["PORTAL_JOURNAL_DIR"]


def test_nothing_but_the_pages_can_be_reached_and_those_from_this_machine_alone():
    published = {name: part.get("ports", []) for name, part in COMPOSE["services"].items()}
    assert published.pop("web") == ["127.0.0.1:8000:8000"]
    assert not any(published.values())


def test_whoever_stops_a_part_waits_longer_than_the_part_does(monkeypatch):
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"]})
    graceful = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"]
    periods = {name: seconds(part.get("stop_grace_period", "10s")) for name, part in PARTS.items()}
    units = {unit.name: int(re.search(r"TimeoutStopSec=(\d+)", unit.read_text())[1]) for unit in UNITS}

    assert min(periods["web"], units["relaytree.service"]) > graceful
    for place, senders in (
        (periods, ("worker", "urgent")),
        (units, ("relaytree-worker.service", "relaytree-urgent.service")),
    ):
        assert min(place[name] for name in senders) > SLOWEST_ANSWER


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.mark.asvs("13.4.1")
def test_the_image_holds_what_the_portal_needs_and_nothing_that_was_not_chosen():
    text = (ROOT / "Dockerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for word in line.split()[:-1]]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert set(copied) == let_in
    assert all((ROOT / each).exists() for each in copied)
    assert "--require-hashes" in text
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["relaytree"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line_of_a_unit(unit, tmp_path, require):
    there = tmp_path / unit.name
    # The programs are not installed here.
    there.write_text(
        re.sub(r"/opt/relaytree/\S*", lambda found: "/bin/true" if "bin" in found[0] else "/", unit.read_text())
    )
    done = subprocess.run(
        [require("systemd-analyze"), "verify", "--man=no", str(there)], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []


def test_a_server_settles_when_the_delivery_loop_has_begun_and_before_the_first_page(monkeypatch):
    steps = []
    module = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    begin = module["post_worker_init"]
    monkeypatch.setitem(begin.__globals__, "_obstacle", lambda _worker: "")
    monkeypatch.setitem(begin.__globals__, "settle", lambda: steps.append("settled"))
    loop = SimpleNamespace(start=lambda: steps.append("began"))
    begin(SimpleNamespace(wsgi=SimpleNamespace(extensions={"portal.worker": loop})))

    assert steps == ["began", "settled"]


def test_the_containers_database_gives_the_portal_a_role_that_is_no_superuser():
    part, script = COMPOSE["services"]["database"], ROOT / "deploy" / "database" / "roles.sh"
    name = re.search(r"CREATE ROLE (\w+) LOGIN NOSUPERUSER NOBYPASSRLS", script.read_text())[1]

    assert "./deploy/database:/docker-entrypoint-initdb.d:ro" in part["volumes"]
    assert name != part["environment"]["POSTGRES_USER"]
    assert f"OWNER {name};" in script.read_text()
    assert set(re.findall(r"/run/secrets/(\w+)", script.read_text())) <= set(part["secrets"])
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)
