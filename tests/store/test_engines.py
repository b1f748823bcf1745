"""A connection that its server has ended is noticed before anything is asked over it."""

import pytest
from sqlalchemy import text

from portal.store.db import SYSTEM, db, reading, unit_of_work
from portal.store.presence import Presence

_WHO = text("SELECT pg_backend_pid()")


def test_a_connection_that_its_server_ended_is_used_no_more(app):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("a file hangs up on nobody")
    with unit_of_work(SYSTEM) as session:
        ended = session.scalar(_WHO)
    with Presence(db.engine)._connect() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (ended,))

    with reading(SYSTEM) as session:
        assert session.scalar(_WHO) != ended
