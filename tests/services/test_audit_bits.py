"""Any single bit that is turned in any column of an audit log is found."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.audit import Event
from portal.domain.ids import new_id
from portal.services.audit import Subject
from portal.store.audit_chain import HeadRow
from portal.store.audit_log import AuditRow, written
from portal.store.db import SYSTEM, db, unit_of_work

EVENT_COLUMNS = [column.name for column in AuditRow.__table__.columns]
HEAD_COLUMNS = [column.name for column in HeadRow.__table__.columns]


@pytest.fixture
def file(cast, services):
    """The database as somebody has it who opens the file: no trigger and no key holds him back."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("bits are turned in a file of SQLite")
    sue = cast.sue
    with unit_of_work(SYSTEM) as session:
        services.audit.chain.append(
            session,
            AuditRow(
                tenant_id=sue.tenant.id,
                id=new_id(),
                at=services.clock(),
                actor_id=sue.user_id,
                actor_name="Sue",
                impersonator_id=cast.pia.user_id,
                impersonator_name="Pia",
                event=Event.CONFIG_EDITED.value,
                subject_id=new_id(),
                subject_name="Büro",
                fields=written({"name": ("Office", "Büro")}),
            ),
        )
        services.audit.record(session, Event.SIGNED_OUT, tenant_id=sue.tenant.id, subject=Subject(None, ""), actor=sue)
    with closing(sqlite3.connect(db.engine.url.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for kind in ("stay", "last", "once"):
            connection.execute(f"DROP TRIGGER audit_events_{kind}")
            connection.execute(f"DROP TRIGGER audit_heads_{kind}")
        yield connection


def turned(value, bit):
    """The value with one bit turned, as an SQL literal; a number keeps to 32 bits."""
    if isinstance(value, int):
        return str(value ^ (1 << bit % 31))
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    literal = f"x'{raw.hex()}'"
    return f"CAST({literal} AS TEXT)" if isinstance(value, str) else literal


def is_found(services, file, table, column, bit):
    """Whether it is found; it is undone in any case."""
    where = f"rowid = (SELECT max(rowid) - {int(table == 'audit_events')} FROM {table})"
    (rowid, value) = file.execute(f"SELECT rowid, {column} FROM {table} WHERE {where}").fetchone()
    try:
        file.execute(f"UPDATE {table} SET {column} = {turned(value, bit)} WHERE rowid = {rowid}")
    except sqlite3.IntegrityError:
        return True  # another event stands there already: the database itself refuses
    found = any(report.flaw for report in services.audit_verification.walk())
    file.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid))
    return found


@pytest.mark.parametrize(
    ("table", "column"),
    [*(("audit_events", name) for name in EVENT_COLUMNS), *(("audit_heads", name) for name in HEAD_COLUMNS)],
)
def test_a_turned_bit_is_found_whatever_it_belongs_to(services, file, table, column):
    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 8 * 64 - 1))
    def search(bit):
        assert is_found(services, file, table, column, bit)

    assert not any(report.flaw for report in services.audit_verification.walk())
    search()
    assert not any(report.flaw for report in services.audit_verification.walk())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_single_bit_of_an_event_and_of_its_companys_end_is_found_when_it_is_turned(services, file):
    unseen, tried = [], 0
    for table, columns in (("audit_events", EVENT_COLUMNS), ("audit_heads", HEAD_COLUMNS)):
        for column in columns:
            (value,) = file.execute(
                f"SELECT {column} FROM {table} ORDER BY rowid DESC LIMIT 1 OFFSET {int(table == 'audit_events')}"
            ).fetchone()
            bits = 31 if isinstance(value, int) else 8 * len(value)
            tried += bits
            unseen += [(column, bit) for bit in range(bits) if not is_found(services, file, table, column, bit)]

    assert unseen == []
    assert tried > 2500
