"""A machine that watches the portal learns what works, and nothing else."""

import logging

import pytest

from portal.domain.errors import BusyError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.store.db import db
from portal.worker.duties import Duties
from portal.worker.lock import ProcessLock
from portal.worker.loop import Loop
from tests.worker.test_loop import until


@pytest.fixture
def get(app):
    client = app.test_client()

    def get(path):
        answer = client.get(path)
        return answer.status_code, answer.json

    return get


@pytest.fixture
def delivering(app, services, tmp_path):
    loop = Loop(
        duties=Duties(
            services.delivering,
            services.trial_runs,
            services.checks,
            services.forgetting,
            services.leaps,
            services.looks,
        ),
        surroundings=app.app_context,
        post=ProcessLock(tmp_path / "worker.lock"),
        senders=2,
        logger=logging.getLogger("test"),
    )
    loop.start()
    assert until(services.readiness.delivers)
    yield loop
    loop.stop()


def test_a_portal_that_serves_and_delivers_is_ready(get, delivering):
    assert get("/readyz") == (200, {"database": "ok", "disk": "ok", "delivery": "ok", "queue": "ok"})


def test_a_portal_in_which_nobody_delivers_is_not_ready(get):
    assert get("/readyz") == (503, {"database": "ok", "disk": "ok", "delivery": "failed", "queue": "ok"})


def test_a_process_that_stopped_delivering_is_noticed(get, delivering):
    delivering.stop()

    assert get("/readyz")[0] == 503


def test_a_database_that_is_gone_is_told_and_the_process_still_answers(app, get, delivering, tmp_path):
    delivering.stop()
    db.engine.dispose()
    (tmp_path / "portal.db").rename(tmp_path / "elsewhere.db")
    (tmp_path / "portal.db").mkdir()

    assert get("/readyz") == (503, {"database": "failed", "disk": "ok", "delivery": "failed", "queue": "ok"})
    assert get("/healthz") == (200, {"process": "ok"})


def test_a_database_that_is_busy_is_no_database_that_is_gone(get, services, monkeypatch):
    def refuse(*_arguments):
        raise BusyError

    monkeypatch.setattr("portal.services.readiness.queue_holds.find", refuse)

    assert get("/readyz") == (503, {"database": "busy", "disk": "ok", "delivery": "failed", "queue": "ok"})


def test_mail_that_nobody_takes_up_makes_the_queue_late(cast, services, get, clock):
    services.sending.send(
        tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hello", "A line.\n")
    )
    clock.forward(minutes=9)
    assert get("/readyz")[1]["queue"] == "ok"
    clock.forward(minutes=2)
    assert get("/readyz")[1]["queue"] == "late"


def test_neither_starts_a_session(app):
    for path in ("/healthz", "/readyz"):
        assert "Set-Cookie" not in app.test_client().get(path).headers
