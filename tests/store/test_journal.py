"""What a server answered is on the disk before anybody is told, and a crash spoils no more than its own line."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from portal.domain.diagnosis import Code
from portal.store.journal import Answer, Journal

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal")


def answer(code=Code.OK, reply="250 2.0.0 queued as 7"):
    return Answer(uuid4(), uuid4(), NOON, code, reply)


def test_an_answer_is_read_back_as_it_was_written(journal):
    told = answer(Code.CONTENT_REJECTED, "554 5.7.1 Ünwanted “words”\nand a line")
    journal.write(answer(), NOON)
    journal.write(told, NOON)
    journal.write(answer(), NOON)

    assert journal.answers([told.attempt_id, uuid4()], since=NOON) == {told.attempt_id: told}
    assert next(iter(Journal(journal._folder).latest())) != told


def test_an_answer_is_on_the_disk_before_write_returns(journal, monkeypatch):
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
    )
    journal.write(answer(), NOON)
    journal.write(answer(), NOON)

    file = f"{journal._folder}/2026-03-02.jsonl"
    assert synced == [file, str(journal._folder), file]


def test_nobody_else_on_the_machine_reads_it(journal):
    journal.write(answer(), NOON)
    (file,) = journal._folder.iterdir()

    assert (file.stat().st_mode & 0o777, journal._folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_line_that_a_crash_tore_off_spoils_no_other(journal):
    before, torn, after = answer(), answer(), answer()
    journal.write(before, NOON)
    (file,) = journal._folder.iterdir()
    whole = file.read_bytes()
    journal.write(torn, NOON)
    line = file.read_bytes()[len(whole) :]
    for length in range(len(line) - 1):
        file.write_bytes(whole + line[:length])
        journal.write(after, NOON)
        asked = [each.attempt_id for each in (before, torn, after)]
        found = journal.answers(asked, since=NOON)
        assert set(found.values()) - {torn} == {before, after}


def test_an_answer_of_before_midnight_is_found_after_it(journal):
    told = answer()
    journal.write(told, NOON - timedelta(hours=14))

    assert journal.answers([told.attempt_id], since=NOON - timedelta(hours=15)) == {told.attempt_id: told}


def test_days_that_no_waiting_mail_has_seen_are_thrown_away(journal):
    old, young = answer(), answer()
    journal.write(old, NOON - timedelta(days=9))
    journal.write(young, NOON - timedelta(days=8))
    journal.forget(NOON)

    assert list(journal.latest()) == [young]


def test_a_journal_that_nobody_began_holds_nothing(journal):
    assert journal.answers([uuid4()], since=NOON) == {}
    assert list(journal.latest()) == []
    journal.forget(NOON)
