"""Knows how a test gets loops that deliver for its portal."""

import logging

import pytest

from portal.store import work
from portal.store.db import db
from portal.store.presence import Presence
from portal.worker.duties import Duties
from portal.worker.lock import ProcessLock
from portal.worker.loop import Loop


@pytest.fixture
def loops(app, services, tmp_path):
    """Builds loops on one lock file; each is stopped at the end."""
    made = []
    in_file = db.engine.dialect.name == "sqlite"

    def make(**replaced):
        parts = {
            "delivering": services.delivering,
            "trials": services.trial_runs,
            "leaps": services.leaps,
            "looks": services.looks,
            "senders": 2,
        }
        parts |= replaced
        loop = Loop(
            duties=Duties(
                parts["delivering"],
                parts["trials"],
                services.checks,
                services.forgetting,
                parts["leaps"],
                parts["looks"],
            ),
            senders=parts["senders"],
            surroundings=app.app_context,
            post=ProcessLock(tmp_path / "worker.lock") if in_file else Presence(db.engine),
            logger=logging.getLogger("test"),
        )
        if in_file:
            work.listen(db.engine, loop.tell)
        made.append(loop)
        return loop

    yield make
    for loop in made:
        loop.stop()
