"""The audit log is taken along as a table without formulas, or with all that its hashes are over."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.domain.audit import Event
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.services.audit import Subject
from portal.store.db import SYSTEM, unit_of_work
from tests.cast import PASSWORD

ROOT = Path(__file__).parents[3]
FORMULAS = [f"{start}{rest}" for start in "=+-@\t\r\n＝＋－＠" for rest in ("1+1", "cmd|' /C calc'!A0", "SUM(A1)", "")]


def log(person, rest=""):
    return f"/t/{person.tenant.id}/audit-log{rest}"


def exported(browser, person, **asked):
    return browser.post(log(person, "/export"), asked, at=log(person))


def note(services, person, about, **change):
    with unit_of_work(SYSTEM) as session:
        subject = Subject(None, about)
        services.audit.record(session, Event.USER_EDITED, tenant_id=person.tenant.id, subject=subject, change=change)


def test_a_table_is_an_attachment_with_everything_and_the_export_is_noted(cast, as_, services):
    sue = as_(cast.sue)
    note(services, cast.sue, "Grüße", name=("Büro", "Office"), password=("changed", "changed"))
    answer = exported(sue, cast.sue, format="csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=audit-log.csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    first, second = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:3]
    assert first[4] == "Audit log exported"
    assert second[4:7] == ["User changed", "Grüße", "Name: Büro → Office; Password: changed → changed"]
    assert re.fullmatch(r"[0-9a-f]{64}", second[7])
    assert "Audit log exported" in sue.page(log(cast.sue)).text


@pytest.mark.asvs("15.2.2")
def test_an_export_has_an_end(cast, as_, services, monkeypatch):
    monkeypatch.setattr("portal.services.audit.MOST_EXPORTED", 2)
    for number in range(5):
        note(services, cast.sue, f"somebody {number}")

    assert exported(as_(cast.sue), cast.sue, format="jsonl").text.count("\n") == 2


def test_no_cell_is_a_formula(cast, as_, services):
    sue = as_(cast.sue)
    for formula in FORMULAS:
        note(services, cast.sue, formula)
    rows = list(csv.reader(io.StringIO(exported(sue, cast.sue).text.removeprefix("\ufeff"), newline="")))

    cells = [row[5] for row in rows[2 : len(FORMULAS) + 2]]
    assert cells == [f"'{formula}" for formula in reversed(FORMULAS)]


def test_only_what_the_filter_shows_is_taken_along(cast, as_, services):
    note(services, cast.sue, "this")
    note(services, cast.sue, "that")
    lines = exported(as_(cast.sue), cast.sue, format="jsonl", q="this", kind="people").text.splitlines()

    assert [json.loads(line)["subject"] for line in lines] == ["this"]


def checked(folder, text):
    """What the program in the guide says of an export."""
    guide = (ROOT / "docs" / "operating.md").read_text()
    (program,) = re.findall(r"```python\n(import hashlib.*?)```", guide, re.DOTALL)
    (folder / "log.jsonl").write_text(text, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", program, folder / "log.jsonl"], capture_output=True, text=True, check=False
    )
    return told.returncode, told.stderr.strip()


@pytest.fixture
def lines(cast, as_, services, clock):
    clock.now = clock.now.replace(microsecond=70)
    note(services, cast.sue, "Grüße 🙂", name=("Büro", 'a "quoted"\u2028 text'))
    answer = exported(as_(cast.sue), cast.sue, format="jsonl")
    assert answer.headers["Content-Type"] == "application/jsonl; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=audit-log.jsonl"
    return answer.text.splitlines(keepends=True) if "\u2028" not in answer.text else re.findall(r".*\n", answer.text)


def test_somebody_else_can_check_the_lines_with_the_program_in_the_guide(lines, tmp_path):
    assert json.loads(lines[-1])["previous"] is None
    assert checked(tmp_path, "".join(lines)) == (0, "")


def test_a_line_that_was_changed_is_found_by_that_program(lines, tmp_path):
    changed = [line.replace('"Sue"', '"Otto"').replace("Büro", "Bureau") for line in lines]

    assert checked(tmp_path, "".join(changed))[1].endswith("was changed")


def test_a_line_of_another_chain_is_found_by_that_program(lines, tmp_path):
    first = {**json.loads(lines[0]), "previous": "11" * 32}
    assert checked(tmp_path, json.dumps(first) + "\n" + "".join(lines[1:]))[0] == 1


def test_after_events_expired_the_rest_can_still_be_checked(cast, as_, services, clock, tmp_path):
    clock.forward(days=401)
    note(services, cast.sue, "kept")
    services.forgetting.sweep()
    text = exported(as_(cast.sue), cast.sue, format="jsonl").text

    assert json.loads(text.splitlines()[-1])["previous"] is not None
    assert checked(tmp_path, text) == (0, "")


def test_the_export_is_for_owners(cast, as_, services):
    services.accounts.add(
        cast.sue.tenant.id, email="staff@demo.test", name="Rex", role=Role.STAFF, password=Secret(PASSWORD)
    )
    staff = as_()
    staff.sign_in("staff@demo.test")

    assert staff.post(log(cast.sue, "/export")).status_code == 403
    assert as_(cast.sue).post(log(cast.rex, "/export")).status_code == 404
