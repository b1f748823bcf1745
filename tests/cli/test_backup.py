"""One sealed file holds everything but the keys, and brings it back; what cannot come back whole changes nothing."""

from pathlib import Path

import pytest

from portal.domain.delivery import State
from portal.domain.outgoing import Mailbox, Outgoing
from portal.store.db import db
from portal.worker.lock import ProcessLock
from tests.cast import PASSWORD
from tests.work import deliver_all

HELLO = Outgoing("A subject", "A line.\n")


def queue(cast):
    to = (Mailbox("cal@demo.test"),)
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=HELLO)[0]


def state_of(cast, message_id):
    return cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines[0].state


@pytest.fixture
def file(tmp_path):
    return tmp_path / "portal.backup"


def names_in(folder):
    return {each.name for each in Path(folder).iterdir()}


def test_a_portal_comes_back_as_it_was(typed, cast, services, file):
    config = cast.config(cast.sue, name="Kept")
    assert typed("backup", str(file)).exit_code == 0
    services.mail_configs.delete(cast.sue, config.tenant_id, config.id)

    answer = typed("restore", str(file), "--replace")
    assert answer.exit_code == 0, answer.output
    assert "portal.db.before-2026-03-02T09-00-00" in answer.output
    assert services.mail_configs.get(cast.sue, config.tenant_id, config.id).name == "Kept"


def test_what_was_sent_since_is_not_sent_again(typed, cast, services, mail_server, file):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    message_id = queue(cast)
    typed("backup", str(file))
    deliver_all(services)
    typed("restore", str(file), "--replace")
    services.delivering.wake()
    deliver_all(services)

    assert len(mail_server.letters) == 1
    assert state_of(cast, message_id) is State.HELD
    typed("queue", "release", "--yes")
    assert state_of(cast, message_id) is State.SENT


def test_without_a_journal_what_waits_is_held_too(typed, cast, services, mail_server, file):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    message_id = queue(cast)
    typed("backup", str(file))
    typed("restore", str(file), "--replace")
    services.delivering.wake()
    deliver_all(services)

    assert (state_of(cast, message_id), mail_server.letters) == (State.HELD, [])


def test_the_file_is_its_owners_alone_and_shows_nothing(typed, cast, file, tmp_path):
    cast.config(cast.sue, name="Canary relay")
    typed("backup", str(file))
    content = file.read_bytes()

    assert file.stat().st_mode & 0o777 == 0o600
    assert [word for word in (b"SQLite", b"Canary relay", b"demo.test", PASSWORD.encode()) if word in content] == []
    assert {name for name in names_in(tmp_path) if name.startswith(".")} == set()


def test_a_backup_can_be_read_to_its_end_without_restoring_it(typed, cast, file):
    typed("backup", str(file))

    assert "can be restored" in typed("backup", str(file), "--verify").output


def test_a_running_portal_is_not_restored(typed, refused, cast, file, tmp_path):
    typed("backup", str(file))
    lock = ProcessLock(tmp_path / "worker.lock")
    lock.take(print)

    assert refused("restore", str(file), "--replace") == "The portal is running. Stop it first."
    lock.release()


def test_a_database_that_is_there_is_only_put_aside_when_that_is_said(typed, refused, cast, file):
    typed("backup", str(file))

    assert refused("restore", str(file)).startswith("There is a database already.")


def test_a_portal_moves_to_a_new_machine(typed, cast, services, file, tmp_path):
    config = cast.config(cast.sue, name="Kept")
    typed("backup", str(file))
    db.session.remove()
    db.engine.dispose()
    for each in tmp_path.glob("portal.db*"):
        each.unlink()

    answer = typed("restore", str(file))
    assert answer.exit_code == 0, answer.output
    assert "before" not in answer.output
    assert services.mail_configs.get(cast.sue, config.tenant_id, config.id).name == "Kept"


def test_a_damaged_file_changes_nothing(typed, refused, cast, file, tmp_path):
    typed("backup", str(file))
    content = file.read_bytes()
    for damaged in (content[:-1], content[:100], b"", content[:-5] + b"x" + content[-4:], content + b"x"):
        file.write_bytes(damaged)
        before = names_in(tmp_path)
        assert "does not open" in refused("restore", str(file), "--replace")
        assert names_in(tmp_path) == before


def test_a_file_of_a_newer_version_is_refused(typed, refused, cast, file):
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    typed("backup", str(file))

    assert "newer version" in refused("restore", str(file), "--replace")


def test_a_missing_file_is_a_plain_sentence(refused, tmp_path):
    assert refused("restore", str(tmp_path / "nothing"), "--replace").endswith("No such file or directory.")
