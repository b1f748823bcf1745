"""The operator makes a key, moves everything to it and learns which may go; no command ever prints one that is used."""

import base64
import os
import re
import subprocess
import sys

import pytest

from portal.services.keys import Keys
from portal.store import tenants
from portal.store.db import SYSTEM, db, unit_of_work
from portal.vault.keyring import KeyRing
from portal.vault.vault import Vault, name_in
from tests.cast import plant
from tests.fixtures_demo import free_ports
from tests.fixtures_portal import ROOT, Clock, build

OLD, NEW = ("test", b"k" * 32), ("2026", bytes(range(32)))


@pytest.fixture
def ring():
    """The key ring of the portal; a test adds to it or takes from it."""
    return [OLD]


@pytest.fixture
def app(make_portal, tmp_path, ring):
    """A portal that was planted under the old key and has the ring of the test now."""
    before = make_portal()
    with before.app_context():
        plant(before.extensions["portal.services"])
        url = before.extensions["portal.settings"].database_url
        db.session.remove()
        db.engine.dispose()
    portal = build(tmp_path, Clock(), database_url=url, key_ring=tuple(ring))
    with portal.app_context():
        yield portal


class TestWithANewKeyInFront:
    @pytest.fixture
    def ring(self):
        return [NEW, OLD]

    def test_everything_moves_and_the_older_key_may_go(self, typed):
        answer = typed("keys", "rotate")

        assert answer.exit_code == 0, answer.output
        assert "Moved to 2026: 5." in answer.output
        assert "test is not needed any more: take it out of PORTAL_KEYS." in answer.output

    def test_the_second_time_there_is_nothing_to_do(self, typed):
        typed("keys", "rotate")

        assert "Moved to 2026: 0." in typed("keys", "rotate").output

    def test_the_list_says_what_depends_on_which_and_shows_no_key(self, typed):
        before = typed("keys", "list").output
        typed("keys", "rotate")
        after = typed("keys", "list").output

        assert re.search(r"^2026 +0  current", before, re.MULTILINE)
        assert re.search(r"^test +5  older", before, re.MULTILINE)
        assert re.search(r"^test +0  not needed any more", after, re.MULTILINE)
        assert base64.b64encode(OLD[1]).decode()[:8] not in before + after

    def test_what_does_not_open_is_told_and_ends_with_another_code(self, typed, app):
        with unit_of_work(SYSTEM) as session:
            root = tenants.find_root(session)
            tenants.get_row(session, root.id).data_key = b"\x04test" + bytes(61)
        answer = typed("keys", "rotate")

        assert answer.exit_code == 1
        assert "Moved to 2026: 4." in answer.output
        assert "test is still needed. Companies whose secrets need it: 1." in answer.stderr
        assert "do not open, and stayed as they were: 1" in answer.stderr
        assert "take it out" not in answer.output

    def test_a_company_that_comes_behind_its_back_from_a_process_with_the_older_ring_is_told(
        self, typed, app, monkeypatch
    ):
        services, uses = app.extensions["portal.services"], Keys.uses
        before = Vault(KeyRing((OLD,)))

        def with_somebody_else(keys):
            with unit_of_work(SYSTEM) as session:
                root = tenants.find_root(session)
                tenants.get_row(session, root.id).data_key = before.new_tenant_key(root.id)
            return uses(keys)

        monkeypatch.setattr(Keys, "conclude", lambda keys, _done: with_somebody_else(keys))
        answer = typed("keys", "rotate")

        assert answer.exit_code == 1
        assert "They came meanwhile" in answer.stderr
        assert "take it out" not in answer.output
        assert services.keys.uses()[1].seals == 1

    def test_the_portal_starts(self, typed, monkeypatch):
        monkeypatch.setattr("portal.cli.run._serve", lambda _root: None)
        monkeypatch.setattr("portal.cli.run._ensure_port_is_free", lambda _port: None)

        assert typed("run").exit_code == 0

    def test_one_company_gets_a_new_data_key(self, typed, app):
        answer = typed("keys", "rotate", "--tenant", "Pia Cloud/Otto Online")
        with unit_of_work(SYSTEM) as session:
            rows = session.query(tenants.TenantRow)
            moved = [row.name for row in rows if name_in(row.data_key) == "2026"]

        assert (answer.exit_code, moved) == (0, ["Otto Online"])
        assert "Otto Online has a new data key. Sealed anew: 0." in answer.output


class TestWithoutTheKeyThatIsNeeded:
    @pytest.fixture
    def ring(self):
        return [NEW]

    sentence = (
        "PORTAL_KEYS lacks a key that is still needed: test (companies whose secrets need it: 5)."
        " Put it back behind the newest one."
    )

    def test_the_portal_does_not_start_and_says_which_it_is(self, refused, monkeypatch):
        monkeypatch.setattr("portal.cli.run._ensure_port_is_free", lambda _port: None)

        assert refused("run") == self.sentence

    def test_the_list_names_it(self, typed):
        answer = typed("keys", "list")

        assert answer.exit_code == 2
        assert re.search(r"^test +5  is missing from PORTAL_KEYS", answer.output, re.MULTILINE)
        assert self.sentence in answer.stderr

    def test_a_rotation_moves_what_it_can_and_names_it(self, typed):
        answer = typed("keys", "rotate")

        assert answer.exit_code == 1
        assert self.sentence in answer.stderr

    def test_a_company_that_depends_on_it_gets_no_new_data_key(self, refused):
        assert "does not open" in refused("keys", "rotate", "--tenant", "Pia Cloud/Otto Online")


def test_a_new_key_is_made_without_any_setting(tmp_path):
    command = [sys.executable, "-m", "portal", "keys", "new"]
    made = subprocess.run(command, cwd=ROOT, env={"PORTAL_PRODUCTION": "1"}, capture_output=True, text=True, check=True)
    name, _, key = made.stdout.strip().partition(":")

    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{4}", name)
    assert len(base64.b64decode(key, validate=True)) == 32
    assert "portal keys rotate" in made.stderr


def test_each_new_key_is_another(typed):
    made = {typed("keys", "new").stdout for _ in range(5)} | {
        typed("keys", "new", "--secret-key").stdout for _ in range(5)
    }

    assert len(made) == 10


@pytest.mark.slow
def test_the_server_does_not_start_without_a_key_that_is_needed(tmp_path):
    environ = {"PATH": os.environ["PATH"], "PORTAL_INSTANCE_DIR": str(tmp_path), "PORT": str(free_ports().plain)}
    portal = [sys.executable, "-m", "portal"]
    owner = ["--tenant-name", "Pia Cloud", "--email", "pia@demo.test", "--name", "Pia"]
    subprocess.run([*portal, "setup", *owner], cwd=ROOT, env=environ, capture_output=True, check=True)
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    lacking = {**environ, "PORTAL_KEYS": f"2026:{base64.b64encode(NEW[1]).decode()}"}
    told = subprocess.run(command, cwd=ROOT, env=lacking, capture_output=True, text=True, timeout=50, check=False)

    assert told.returncode == 3
    assert "PORTAL_KEYS lacks a key that is still needed: " in told.stderr
    assert "Traceback" not in told.stderr
