"""The parts of others that run here are as new as SECURITY promises, as far as the note of the last look says (make parts)."""

import subprocess
from datetime import date, timedelta

import pytest

from tests.asvs import parts

NOTE = parts.note()
ROWS = {"one": "1.0", "two": "2.1", "three": "0.9"}


@pytest.mark.asvs("15.2.1")
def test_no_part_breaks_the_promised_frames():
    """Whoever runs what was the newest a week ago lacks no repair that is older; half a year is the limit for all."""
    assert NOTE.half_a_year_behind == {}
    looked_through = {name for name, said in NOTE.looked_through.items() if NOTE.a_week_behind.get(name, "-") in said}
    assert NOTE.a_week_behind.keys() - looked_through == set(), "renew them, or say what was found (make parts)"


def test_the_note_is_about_the_parts_that_run():
    assert NOTE.pins == parts.ours(), "make lock and make parts belong together"
    assert len(NOTE.pins) > 40


def test_no_work_goes_on_half_a_year_after_the_last_look():
    """Measured by the newest commit, not by today: an old copy stays green, and whoever works on it is told."""
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%cs"], cwd=parts.ROOT, capture_output=True, text=True, check=False
    )
    latest = date.fromisoformat(asked.stdout.strip()) if asked.stdout.strip() else NOTE.looked_on

    assert latest - NOTE.looked_on < timedelta(days=183), "make parts"


def test_what_had_a_newer_version_by_then_is_behind(monkeypatch):
    monkeypatch.setattr(parts, "newest", lambda _day: {"one": "1.0", "two": "2.10", "four": "1"})

    assert parts.behind(ROWS, NOTE.looked_on) == {"two": "2.10"}


def test_a_note_reads_as_it_was_written(tmp_path, monkeypatch):
    note = parts.Note(date(2026, 11, 28), ROWS, {}, {"two": "2.10"}, {"two": "2.10: nothing that touches us"})
    monkeypatch.setattr(parts, "NOTE", tmp_path / "parts.toml")
    parts.NOTE.write_text(parts.written(note))

    assert parts.note() == note
