"""python -m benchmarks.audit [--write]: measure how long it takes to verify 100,000 events."""

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import insert

from benchmarks import machine
from benchmarks.page import FIGURES, keep
from portal.app import create_app
from portal.domain.audit import Event
from portal.domain.audit_chain import ChainReport, Head, event_hash, id_part, seal_text
from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.roles import Actor, Role
from portal.services import Services
from portal.settings import Settings
from portal.store import audit_chain
from portal.store.audit_log import AuditRow, written
from portal.store.db import SYSTEM, db, unit_of_work
from portal.vault.audit_chain import AuditSeals

ROOT = Path(__file__).resolve().parents[1]
EVENTS, COMPANIES, ROUNDS = 100_000, 20, 7
_CHANGE = {
    "host": ("mail.example.com", "relay.example.com"),
    "port": ("587", "465"),
    "password": ("changed", "changed"),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = _table(Path(folder))
    print(text)
    if options.write:
        keep(text, FIGURES, "audit")


def fill(services: Services, *, events: int, companies: int) -> list[TenantId]:
    """Plant companies whose logs hold so many events together, chained as the portal chains them, but in bulk."""
    root = services.tenants.set_up(name="Root")
    owner = Actor(UserId(new_id()), root, Role.OWNER, "pia@demo.test", "Pia")
    names = [f"Company {number}" for number in range(1, companies)]
    below = [services.tenants.create(owner, root.id, kind="customer", name=name).id for name in names]
    for tenant_id in (root.id, *below):
        _fill(services.audit_verification.seals, tenant_id, owner, events // companies)
    return [root.id, *below]


def turn(tenant_id: TenantId, number: int) -> None:
    """Turn one bit in the name of an event's actor, as somebody does who has the database and not the keys."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_events_stay")
        connection.exec_driver_sql(
            "UPDATE audit_events SET actor_name = 'Qia' WHERE tenant_id = ? AND sequence = ?", (tenant_id.hex, number)
        )


def _fill(seals: AuditSeals, tenant_id: TenantId, owner: Actor, until: int) -> None:
    with unit_of_work(SYSTEM) as session:
        head = audit_chain.as_domain(audit_chain.find_head(session, tenant_id))
        digest, rows, at = head.hash, [], datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(head.sequence + 1, until + 1):
            row = _event(tenant_id, owner, number, at + timedelta(seconds=number), seals.newest)
            said = audit_chain.content_of(AuditRow(**row))
            digest = event_hash(id_part(tenant_id), number, digest, said, seals.newest.encode())
            rows.append({**row, "hash": digest, "seal": seals.seal(seal_text(digest))})
        session.execute(insert(AuditRow), rows)
        end = Head(until, digest, head.adopted, head.expired, head.fold)
        audit_chain.put_head(session, tenant_id, end, seals.newest, seals.seal(end.encoded(id_part(tenant_id))))


def _event(tenant_id: TenantId, owner: Actor, number: int, at: datetime, key_name: str) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "sequence": number,
        "id": new_id(),
        "at": at,
        "actor_id": owner.user_id,
        "actor_name": owner.name,
        "event": Event.CONFIG_EDITED.value,
        "subject_id": new_id(),
        "subject_name": f"Configuration {number}",
        "fields": written(_CHANGE),
        "key_name": key_name,
    }


def _table(folder: Path) -> str:
    environ = {"PORTAL_INSTANCE_DIR": str(folder), "PORTAL_SECRET_KEY": "a key for this measurement alone" * 2}
    app = create_app(Settings.from_environ(environ | {"PORTAL_KEYS": f"a:{'QUFB' * 10}QUE="}, ROOT))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        services: Services = app.extensions["portal.services"]
        companies = fill(services, events=EVENTS, companies=COMPANIES)
        sound, times = _measured(services)
        spoilt, number = random.choice(companies), random.randrange(2, EVENTS // COMPANIES)
        turn(spoilt, number)
        broken, times_broken = _measured(services)
        found = [(each.tenant_id, each.flaw, each.at) for each in broken if each.flaw]
        if any(each.flaw for each in sound) or found != [(spoilt.hex, "changed", number)]:
            raise AssertionError(found)
        db.engine.dispose()
    events = sum(each.events for each in sound)
    return "\n".join(
        [
            f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}.",
            "",
            f"| {ROUNDS} runs, SQLite | fastest | median | slowest |",
            "|---|---|---|---|",
            _line(f"{events:,} events of {COMPANIES} companies, unbroken", times),
            _line("the same with one bit turned, which is found and named", times_broken),
        ]
    )


def _measured(services: Services) -> tuple[list[ChainReport], list[float]]:
    times, reports = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        reports = list(services.audit_verification.walk())
        times.append(time.perf_counter() - began)
    return reports, times


def _line(name: str, times: list[float]) -> str:
    return f"| {name} | {min(times):.2f} s | {statistics.median(times):.2f} s | {max(times):.2f} s |"


if __name__ == "__main__":
    main()
