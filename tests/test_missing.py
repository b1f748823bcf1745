"""Whatever the portal depends on is taken away in turn: it refuses, or waits, and says so; nobody gets further than before."""

import logging
import re
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.store import outbox
from portal.store.db import SYSTEM, db, reading
from portal.worker.bell import Bell
from portal.worker.engine import build_engine, ring
from tests.databases import InFile
from tests.work import deliver_all

ROOT = Path(__file__).parents[1]
CHAPTER = (
    (ROOT / "docs" / "operating.md").read_text().partition("### When something is missing\n")[2].partition("\n## ")[0]
)
DEPENDENCIES = (
    *("database", "a turn to write", "disk", "broker", "mail server", "journal", "clock", "name server"),
    "demo's mail server",
)


def letter(services, person):
    content = Outgoing(subject="Hello", text="A letter.")
    return services.sending.send(tenant_id=person.tenant.id, to=(Mailbox("cal@demo.test"),), content=content)[0]


def line_of(message_id):
    with reading(SYSTEM) as session:
        (recipient,) = outbox.recipients_of(session, message_id)
        return State(recipient.state), recipient.code


@pytest.mark.asvs("16.5.3")
@pytest.mark.parametrize("path", ["/t/{tenant}/mail-configs", "/me/mail", "/t/{tenant}/people"])
def test_without_the_database_nobody_is_let_in_and_the_page_says_why(cast, as_, database, tmp_path, path):
    if not isinstance(database, InFile):
        pytest.skip("a server that is gone is tried in tests/slow/test_scaled.py")
    cast.config(cast.sue, name="Sue's own relay")
    sue = as_(cast.sue)
    db.engine.dispose()
    for name in ("portal.db", "portal.db-wal", "portal.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "portal.db").mkdir()
    answer = sue.client.get(path.format(tenant=cast.sue.tenant.id))

    assert answer.status_code == 503
    assert "does not answer right now" in answer.text
    assert "Sue" not in answer.text


@pytest.mark.asvs("16.5.3")
def test_without_the_broker_nobody_waits_and_the_log_says_it_once(caplog, mail_server):
    engine = build_engine(Secret(f"redis://127.0.0.1:{mail_server.closed_port}"))
    bell = Bell(
        waiting=lambda: (Lane.NORMAL,),
        ring=partial(ring, engine),
        surroundings=nullcontext,
        logger=logging.getLogger("x"),
    )
    begun = time.monotonic()
    bell.tell()
    took, said = time.monotonic() - begun, "workers could not be woken; they look for themselves"
    while said not in caplog.text and time.monotonic() - begun < 20:
        time.sleep(0.05)
    bell.tell()
    time.sleep(0.5)
    bell.stop()

    assert took < 1
    assert caplog.text.count(said) == 1


@pytest.mark.asvs("16.5.3")
def test_without_the_mail_server_mail_waits_and_the_log_says_for_what(cast, services, mail_server):
    typed = mail_server.typed("none") | {"port": str(mail_server.closed_port)}
    cast.active_config(cast.sue, **typed)
    message_id = letter(services, cast.sue)
    deliver_all(services)

    assert line_of(message_id) == (State.DEFERRED, Code.REFUSED)
    assert mail_server.letters == []


@pytest.mark.asvs("16.5.3")
def test_the_manual_says_of_each_what_happens_and_names_tests_that_exist():
    rows = [row.split(" | ") for row in CHAPTER.splitlines() if row.startswith("| ") and "`tests/" in row]
    named = [each for row in rows for each in re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[-1])]

    assert tuple(row[0].removeprefix("| ").removeprefix("the ") for row in rows) == DEPENDENCIES
    assert [each for each in named if f"def {each[1]}(" not in (ROOT / each[0]).read_text()] == []
    assert len(named) >= len(rows)
