"""Whatever is done to an audit log by anybody else than the portal is found, and the database refuses most of it."""

import secrets
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portal.domain.audit import PAGE, AuditQuery, Event
from portal.domain.audit_chain import Flaw
from portal.services.audit import Audit, Subject
from portal.services.audit_chain import AuditChain
from portal.services.audit_verification import AuditVerification
from portal.store.audit_chain import HeadRow
from portal.store.audit_log import AuditRow
from portal.store.db import SYSTEM, beside_others, db, reading, unit_of_work
from portal.vault.audit_chain import AuditSeals
from portal.vault.keyring import KeyRing
from tests.databases import everything
from tests.tampering import tamper

TEST_KEY = ("test", b"k" * 32)


def flaws(services, tenant=None):
    reports = services.audit_verification.walk(tenant.id if tenant else None)
    return {each.tenant_name: (each.flaw, each.at) for each in reports if each.flaw}


def bound(person):
    """An id as both databases take it in a statement of ours."""
    return person.tenant.id if db.engine.dialect.name == "postgresql" else person.tenant.id.hex


def last_of(person):
    with reading(SYSTEM) as session:
        return session.scalar(select(func.max(AuditRow.sequence)).where(AuditRow.tenant_id == person.tenant.id))


def note(services, person, name="x", **change):
    with unit_of_work(SYSTEM) as session:
        subject = Subject(None, name)
        services.audit.record(session, Event.USER_EDITED, tenant_id=person.tenant.id, subject=subject, change=change)


def with_keys(services, clock, *ring):
    seals = AuditSeals.of(KeyRing.of(ring))
    chain = AuditChain(clock, seals)
    return Audit(clock, chain), chain, AuditVerification(seals)


def test_every_company_has_a_chain_of_its_own_without_a_gap(cast, services):
    cast.config(cast.sue)
    reports = {each.tenant_name: each for each in services.audit_verification.walk()}

    assert set(reports) == {"Pia Cloud", "Rex Hosting", "Sue & Partners", "Cal & Co", "Otto Online"}
    assert [each.flaw for each in reports.values() if each.flaw] == []
    assert reports["Sue & Partners"].events == last_of(cast.sue)


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET actor_name = 'Otto'",
        "UPDATE audit_events SET hash = NULL",
        "UPDATE audit_events SET seal = NULL, key_name = NULL",
        "UPDATE audit_events SET id = NULL, at = NULL, event = NULL",
        "UPDATE audit_events SET sequence = sequence + 1000",
        "DELETE FROM audit_events",
        "UPDATE audit_heads SET sequence = sequence - 1",
        "UPDATE audit_heads SET expired = -1",
        "DELETE FROM audit_heads",
    ],
)
def test_the_database_refuses_whatever_would_change_what_was_written(cast, change):
    with pytest.raises(DBAPIError, match="never changed"), everything() as connection:
        connection.execute(text(change))


def test_nothing_is_written_over_what_stands_there(cast):
    for table in ("audit_events", "audit_heads"):
        statement = f"INTO {table} SELECT * FROM {table}"
        for verb in ("INSERT", "INSERT OR REPLACE") if db.engine.dialect.name == "sqlite" else ("INSERT",):
            with pytest.raises(DBAPIError), everything() as connection:
                connection.execute(text(f"{verb} {statement}"))


def test_a_table_is_not_emptied_at_once_either(cast):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE; DELETE is refused")
    for table in ("audit_events", "audit_heads"):
        with pytest.raises(DBAPIError, match="never changed"), everything() as connection:
            connection.execute(text(f"TRUNCATE {table}"))


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    ("change", "flaw", "at"),
    [
        ("UPDATE audit_events SET actor_name = 'Otto' WHERE tenant_id = :own AND sequence = 2", Flaw.CHANGED, 2),
        ("UPDATE audit_events SET fields = '{}' WHERE tenant_id = :own AND sequence = 4", Flaw.CHANGED, 4),
        ("UPDATE audit_events SET subject_name = NULL WHERE tenant_id = :own AND sequence = 4", Flaw.CHANGED, 4),
        ("DELETE FROM audit_events WHERE tenant_id = :own AND sequence = 3", Flaw.MISSING, 3),
        ("DELETE FROM audit_events WHERE tenant_id = :own AND sequence = 1", Flaw.MISSING, 1),
        ("DELETE FROM audit_events WHERE tenant_id = :own AND sequence > 3", Flaw.CUT_OFF, 4),
        ("DELETE FROM audit_events WHERE tenant_id = :own", Flaw.CUT_OFF, 1),
        ("UPDATE audit_heads SET sequence = 3 WHERE tenant_id = :own", Flaw.HEAD_CHANGED, 3),
        ("UPDATE audit_heads SET adopted = 3 WHERE tenant_id = :own", Flaw.HEAD_CHANGED, 5),
        ("UPDATE audit_heads SET key_name = 'lost' WHERE tenant_id = :own", Flaw.KEY_MISSING, 5),
        ("DELETE FROM audit_heads WHERE tenant_id = :own", Flaw.HEAD_MISSING, 1),
        ("UPDATE audit_events SET key_name = 'lost' WHERE tenant_id = :own AND sequence = 2", Flaw.CHANGED, 2),
    ],
)
def test_the_first_event_that_is_not_as_it_was_is_named(cast, services, change, flaw, at):
    while last_of(cast.sue) < 5:
        note(services, cast.sue, text=("before", "after"))
    tamper(change, own=bound(cast.sue))

    (found,) = [each for each in services.audit_verification.walk() if each.flaw]
    assert (found.flaw, found.at, found.tenant_id) == (flaw, at, cast.sue.tenant.id.hex)


def test_an_event_that_somebody_puts_behind_the_last_one_is_found(cast, services):
    last = last_of(cast.sue)
    columns = "id, at, actor_name, event, subject_name, fields, hash, key_name, seal"
    tamper(
        f"INSERT INTO audit_events (tenant_id, sequence, {columns}) SELECT tenant_id, sequence + 1, :id, "
        f"{columns.removeprefix('id, ')} FROM audit_events WHERE tenant_id = :own AND sequence = :last",
        own=bound(cast.sue), last=last, id="0" * 32,
    )  # fmt: skip

    assert flaws(services) == {"Sue & Partners": (Flaw.ADDED, last + 1)}


def test_an_event_of_another_company_is_not_taken_for_ones_own(cast, services):
    tamper("DELETE FROM audit_events WHERE tenant_id = :own AND sequence = 1", own=bound(cast.sue))
    tamper(
        "UPDATE audit_events SET tenant_id = :own WHERE tenant_id = :other AND sequence = 1",
        own=bound(cast.sue), other=bound(cast.otto),
    )  # fmt: skip

    assert flaws(services) == {"Sue & Partners": (Flaw.CHANGED, 1), "Otto Online": (Flaw.MISSING, 1)}


@pytest.mark.asvs("16.4.2")
def test_who_rewrites_all_hashes_behind_a_change_lacks_the_key_for_the_seals(cast, services, clock):
    ring = ("test", secrets.token_bytes(32))
    tamper("DELETE FROM audit_events WHERE tenant_id = :own", own=bound(cast.sue))
    tamper("DELETE FROM audit_heads WHERE tenant_id = :own", own=bound(cast.sue))
    forged, _chain, verification = with_keys(services, clock, ring)
    with unit_of_work(SYSTEM) as session:
        forged.record(session, Event.USER_EDITED, tenant_id=cast.sue.tenant.id, subject=Subject(None, "forged"))

    assert [each.flaw for each in verification.walk(cast.sue.tenant.id)] == [None]
    assert flaws(services) == {"Sue & Partners": (Flaw.HEAD_CHANGED, 1)}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_heads SET sequence = 2 WHERE tenant_id = :own",
        "DELETE FROM audit_heads WHERE tenant_id = :own",
    ],
)
def test_what_was_done_to_the_end_of_a_log_is_not_healed_by_what_is_written_behind_it(cast, services, clock, change):
    cast.config(cast.sue)
    tamper("DELETE FROM audit_events WHERE tenant_id = :own AND sequence > 2", own=bound(cast.sue))
    tamper(change, own=bound(cast.sue))
    for _ in range(2):
        note(services, cast.sue)
        services.forgetting.sweep()
    clock.forward(days=500)
    services.forgetting.sweep()

    assert flaws(services)["Sue & Partners"][0] in {Flaw.HEAD_CHANGED, Flaw.KEY_MISSING}


def test_a_step_that_is_done_beside_others_writes_its_event_alone(cast, services):
    tries = []

    def work(session):
        tries.append(session)
        services.audit.record(session, Event.USER_EDITED, tenant_id=cast.sue.tenant.id, subject=Subject(None, "x"))

    beside_others(work)

    assert len(tries) == (2 if db.engine.dialect.name == "postgresql" else 1)
    assert flaws(services) == {}


def test_what_is_rolled_back_leaves_no_gap(cast, services):
    before = last_of(cast.sue)
    with pytest.raises(ZeroDivisionError), unit_of_work(SYSTEM) as session:
        services.audit.record(session, Event.USER_EDITED, tenant_id=cast.sue.tenant.id, subject=Subject(None, "x"))
        raise ZeroDivisionError
    note(services, cast.sue)

    assert last_of(cast.sue) == before + 1
    assert flaws(services) == {}


def test_closing_and_moving_companies_keeps_their_chains(cast, services):
    services.moving.move(cast.pia, cast.sue.tenant.id, cast.otto.tenant.id, version=1)
    services.tenants.close(cast.pia, cast.rex.tenant.id)

    reports = {each.tenant_name: each for each in services.audit_verification.walk()}
    assert flaws(services) == {}
    assert reports["Rex Hosting"].events > 0


def test_of_an_expired_event_nothing_but_its_hash_is_left_and_the_chain_holds(cast, services, clock):
    before = last_of(cast.sue)
    clock.forward(days=401)
    note(services, cast.sue, "kept")
    services.forgetting.sweep()

    (report,) = services.audit_verification.walk(cast.sue.tenant.id)
    assert (report.flaw, report.expired, report.events) == (None, before, 1)
    assert [entry.subject_name for entry in services.audit.page(cast.sue, cast.sue.tenant.id)] == ["kept"]
    with reading(SYSTEM) as session:
        first = session.get(AuditRow, (cast.sue.tenant.id, 1))
        said = {column.name: getattr(first, column.name) for column in AuditRow.__table__.columns}
    assert {name for name, value in said.items() if value is not None} == {"tenant_id", "sequence", "hash"}
    note(services, cast.sue)
    assert flaws(services) == {}


def test_the_oldest_first_begins_behind_what_expired_and_goes_on_without_a_gap(cast, services, clock):
    clock.forward(days=401)
    for number in range(2 * PAGE + 1):
        note(services, cast.sue, str(number))
    services.forgetting.sweep()
    seen, before = [], None
    while page := services.audit.page(cast.sue, cast.sue.tenant.id, AuditQuery(is_reversed=True), before=before):
        seen += [each.subject_name for each in page[:PAGE]]
        before = page[:PAGE][-1].number

    assert seen == [str(number) for number in range(2 * PAGE + 1)]


def test_expiry_goes_on_where_it_stopped(cast, services, clock):
    for day in range(4):
        clock.forward(days=1)
        note(services, cast.sue, str(day))
    clock.forward(days=397, hours=1)
    for left in (["3", "2", "1"], ["3", "2"]):
        services.forgetting.sweep()
        assert [each.subject_name for each in services.audit.page(cast.sue, cast.sue.tenant.id)] == left
        assert flaws(services) == {}
        clock.forward(days=1)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE audit_events SET hash = NULL WHERE tenant_id = :own AND sequence = 1", {(Flaw.CHANGED, 1)}),
        ("UPDATE audit_events SET hash = :other WHERE tenant_id = :own AND sequence = 1", {(Flaw.EXPIRED_CHANGED, 3)}),
        ("UPDATE audit_events SET event = 'x' WHERE tenant_id = :own AND sequence = 1", {(Flaw.CHANGED, 1)}),
        ("DELETE FROM audit_events WHERE tenant_id = :own AND sequence = 2", {(Flaw.MISSING, 2)}),
        ("UPDATE audit_heads SET expired = 1 WHERE tenant_id = :own", {(Flaw.HEAD_CHANGED, 4)}),
    ],
)
def test_what_is_left_of_expired_events_is_vouched_for(cast, services, clock, change, found):
    assert last_of(cast.sue) == 3
    clock.forward(days=401)
    note(services, cast.sue)
    services.forgetting.sweep()
    values = {"other": b"\1" * 32} if ":other" in change else {}
    tamper(change, own=bound(cast.sue), **values)

    assert set(flaws(services).values()) == found


def test_nobody_makes_an_event_look_expired(cast, services):
    nothing = ", ".join(f"{name} = NULL" for name in ("id", "at", "actor_name", "event", "subject_name", "fields",
                                                      "actor_id", "subject_id", "key_name", "seal"))  # fmt: skip
    with everything() as connection:
        connection.execute(
            text(f"UPDATE audit_events SET {nothing} WHERE tenant_id = :own AND sequence = 1"), {"own": bound(cast.sue)}
        )

    assert flaws(services) == {"Sue & Partners": (Flaw.CHANGED, 1)}


def test_a_changed_event_does_not_expire_and_the_portals_log_says_so(cast, services, clock, caplog):
    tamper("UPDATE audit_events SET actor_name = 'Otto' WHERE tenant_id = :own AND sequence = 1", own=bound(cast.sue))
    clock.forward(days=401)
    services.forgetting.sweep()

    assert flaws(services) == {"Sue & Partners": (Flaw.CHANGED, 1)}
    assert "audit log: event 1 was changed, and is kept" in caplog.text
    assert {each.tenant_name: each.events for each in services.audit_verification.walk()}["Otto Online"] == 0


def test_with_nought_days_nothing_expires(make_portal, clock):
    with make_portal(audit_days=0).app_context() as context:
        services = context.app.extensions["portal.services"]
        root = services.tenants.set_up(name="Pia Cloud")
        clock.forward(days=4000)
        services.forgetting.sweep()

        assert [each.expired for each in services.audit_verification.walk(root.id)] == [0]


def test_events_from_before_the_chain_are_sealed_by_the_first_sweep_and_the_log_says_so(cast, services):
    tamper("DELETE FROM audit_heads")
    tamper("UPDATE audit_events SET hash = NULL, key_name = NULL, seal = NULL")
    assert {flaw for flaw, _at in flaws_by_id(services)} == {Flaw.NOT_CHAINED}
    before = last_of(cast.sue)
    services.forgetting.sweep()
    services.forgetting.sweep()

    (report,) = services.audit_verification.walk(cast.sue.tenant.id)
    assert (report.flaw, report.adopted, report.events) == (None, before, before + 1)
    newest = services.audit.page(cast.sue, cast.sue.tenant.id)[0]
    assert (newest.event, newest.fields) == (Event.LOG_BEGUN, {"events": ("", str(before))})


def test_events_from_before_the_chain_are_sealed_by_the_next_event_of_their_company(cast, services):
    tamper("DELETE FROM audit_heads")
    tamper("UPDATE audit_events SET hash = NULL, key_name = NULL, seal = NULL")
    before = last_of(cast.sue)
    note(services, cast.sue)

    (report,) = services.audit_verification.walk(cast.sue.tenant.id)
    assert (report.flaw, report.adopted, report.events) == (None, before, before + 2)


def flaws_by_id(services):
    return [(each.flaw, each.at) for each in services.audit_verification.walk() if each.flaw]


def test_an_older_key_is_needed_until_the_end_of_each_log_was_sealed_anew(cast, services, clock):
    new = ("2027", secrets.token_bytes(32))
    _audit, chain, both = with_keys(services, clock, new, TEST_KEY)
    assert {each.flaw for each in both.walk()} == {None}
    only_new = with_keys(services, clock, new)[2]
    assert {each.flaw for each in only_new.walk()} == {Flaw.KEY_MISSING}

    chain.renew()
    reports = list(only_new.walk())
    assert {each.flaw for each in reports} == {None}
    assert sum(each.without_key for each in reports) == sum(each.events for each in reports)
    assert {each.without_key for each in both.walk()} == {0}


def test_what_an_older_key_sealed_is_still_found_changed_without_it(cast, services, clock):
    new = ("2027", secrets.token_bytes(32))
    with_keys(services, clock, new, TEST_KEY)[1].renew()
    tamper("UPDATE audit_events SET actor_name = 'Otto' WHERE tenant_id = :own AND sequence = 1", own=bound(cast.sue))

    found = [(each.flaw, each.at) for each in with_keys(services, clock, new)[2].walk() if each.flaw]
    assert found == [(Flaw.CHANGED, 1)]


def test_heads_and_events_are_kept_apart_from_the_keys(cast):
    with reading(SYSTEM) as session:
        row = session.get(HeadRow, cast.sue.tenant.id)
        assert (row.key_name, len(row.seal), len(row.hash)) == ("test", 32, 32)


def test_a_moment_within_a_second_is_kept_to_the_microsecond(cast, services, clock):
    clock.now += timedelta(microseconds=7)
    note(services, cast.sue, "Grüße 🙂", text=("ü", "\x1f"))

    assert flaws(services) == {}


def test_several_writers_at_once_make_one_chain(app, cast, services):
    before = last_of(cast.sue)

    def write(number):
        with app.app_context():
            for _ in range(5):
                note(services, cast.sue, str(number))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()

    (report,) = services.audit_verification.walk(cast.sue.tenant.id)
    assert (report.flaw, report.events) == (None, before + 20)
