"""`portal doctor` names what is wrong, says what mends it, and ends with a code that a program understands."""

import json
import re
import stat

import pytest
from sqlalchemy.exc import OperationalError

from portal.cli import symptoms
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.symptoms import Severity, Sign
from portal.services.doctor import Around
from portal.store import condition
from tests.fixtures_portal import Clock, build


@pytest.fixture
def examined(typed):
    """What it says, by its code."""

    def examine():
        answer = typed("doctor", "--json")
        found = json.loads(answer.stdout)
        severities = {"note": 0, "warning": 1, "error": 2}
        assert answer.exit_code == max((severities[each["severity"]] for each in found), default=0)
        return {each["code"]: each for each in found}

    return examine


def test_every_symptom_has_its_sentence_and_its_remedy():
    assert set(symptoms._MEANINGS) == set(symptoms._REMEDIES) == set(Sign)


def test_it_tells_people_what_is_wrong_the_worst_first_and_what_mends_it(typed, cast):
    answer = typed("doctor")
    words = re.findall(r"^(ERROR|warning|note) ", answer.output, re.MULTILINE)

    assert words == sorted(words, key=["ERROR", "warning", "note"].index)
    assert "→ Where others reach it: PORTAL_PRODUCTION=1" in answer.output
    assert re.search(r"^Errors: \d+, warnings: \d+, notes: \d+\.$", answer.output, re.MULTILINE)
    assert answer.exit_code == 2


def test_no_secret_is_shown(typed, cast):
    told = typed("doctor").output + typed("doctor", "--json").output

    assert "a key for tests alone" not in told
    assert "kkkk" not in told


def test_a_weak_key_and_a_key_that_is_still_needed_are_named(examined, cast):
    found = examined()

    assert found["key-weak"]["values"] == {"name": "test"}
    assert "portal keys rotate" in found["key-weak"]["remedy"]


def test_a_held_queue_and_mail_that_nobody_delivers_are_named(examined, cast, services, clock):
    cast.active_config(cast.sue)
    to = (Mailbox("cal@demo.test"),)
    services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=Outgoing("Hello", "A line.\n"))
    services.queue.hold(None)
    clock.forward(minutes=11)

    assert {"queue-held", "nobody-delivers"} <= set(examined())


def test_a_clock_that_went_back_is_named(examined, cast, clock):
    assert "clock-went-back" not in examined()
    clock.forward(hours=-1)

    assert examined()["clock-went-back"]["severity"] == "error"


def test_a_database_that_is_not_up_to_date_is_named_and_nothing_else_is_asked_of_it(tmp_path):
    app = build(tmp_path, Clock())
    answer = app.test_cli_runner().invoke(args=["portal", "doctor", "--json"])

    assert "not-migrated" in {each["code"] for each in json.loads(answer.stdout)}


def test_a_database_that_does_not_answer_is_named(examined, monkeypatch):
    def broken(_session):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(condition, "clock", broken)

    assert examined()["database-away"]["severity"] == "error"


def test_a_file_of_settings_that_others_read_is_named(app, services, tmp_path):
    file = tmp_path / ".env"
    file.write_text("PORTAL_KEYS=…")
    file.chmod(0o644)
    around = Around(env_file=file, is_debug=True, is_migrated=True, python=(3, 11))
    found = {each.sign: each for each in services.doctor.examine(around)}

    assert found[Sign.OTHERS_READ].values["mode"] == "644"
    assert found[Sign.DEBUG].severity is Severity.WARNING
    assert Sign.OLD_PYTHON not in found
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_python_without_repairs_is_named(services, tmp_path, clock):
    clock.forward(days=365 * 2)
    around = Around(env_file=tmp_path / ".env", is_debug=False, is_migrated=True, python=(3, 11))

    assert Sign.OLD_PYTHON in {each.sign for each in services.doctor.examine(around)}


class TestOnPostgres:
    @pytest.fixture
    def app(self, portal_on_postgres):
        return portal_on_postgres

    def test_a_clock_that_differs_is_named(self, examined, cast):
        found = examined()

        assert "database-superuser" not in found
        assert found["database-clock"]["severity"] == "error"  # the clock of a test stands still in March


class TestAsSuperuser:
    @pytest.fixture
    def app(self, postgres, tmp_path):
        url = postgres.superuser_url("postgres").replace("postgresql:", "postgresql+psycopg:")
        portal = build(tmp_path, Clock(), database_url=url)
        with portal.app_context():
            yield portal

    def test_it_is_named_and_nothing_is_asked_of_the_database(self, examined):
        found = examined()

        assert found["database-superuser"]["severity"] == "error"
        assert {"database-away", "database-clock", "not-migrated"}.isdisjoint(found)

    def test_another_command_says_what_to_do(self, typed):
        answer = typed("queue")

        assert answer.exit_code == 2
        assert "CREATE ROLE relaytree LOGIN NOSUPERUSER NOBYPASSRLS" in answer.output
