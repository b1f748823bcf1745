"""Events from before there was a chain come along with everything they say, numbered by company, and go back again."""

import json
from uuid import UUID, uuid4

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from portal.store.db import db
from tests.databases import address_of, everything
from tests.fixtures_portal import Clock, build

CHAIN = "0014"
FIELDS = json.dumps({"name": ["Büro", "Office"]})


@pytest.fixture(params=("sqlite", "postgresql"))
def app(tmp_path, request):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'portal.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = address_of(server, server.create())
    portal = build(tmp_path, Clock(), database_url=url)
    with portal.app_context():
        yield portal
        db.engine.dispose()


def id_of(value: UUID) -> object:
    return value.hex if db.engine.dialect.name == "sqlite" else value


def insert(table, **values):
    names = ", ".join(values)
    with everything() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(values)})"), values)


def events():
    with everything() as connection:
        columns = "id, actor_name, event, subject_name, fields"
        rows = connection.execute(text(f"SELECT {columns} FROM audit_events ORDER BY event, subject_name"))
        plain = [(str(row[0]).replace("-", ""), *row[1:4], row[4]) for row in rows]
    return [(*row[:4], json.loads(row[4]) if isinstance(row[4], str) else row[4]) for row in plain]


@pytest.fixture
def companies(app):
    before = ScriptDirectory(app.extensions["migrate"].directory).get_revision(CHAIN).down_revision
    upgrade(revision=before)
    ids = uuid4(), uuid4()
    for number, each in enumerate(ids):
        insert(
            "tenants", id=id_of(each), kind="provider", name=f"{number}", name_key=f"{number}", label=number,
            path=f"{number}.", status="active", shows_sender=True, data_key=b"", version=1,
            created_at="2026-03-02 09:00:00.000000",
        )  # fmt: skip
    for number, owner in enumerate((0, 1, 0, 1, 0)):
        insert(
            "audit_events", id=id_of(uuid4()), tenant_id=id_of(ids[owner]), at="2026-03-02 09:00:00.000000",
            actor_name="Pia", event=f"event-{number}", subject_name="Grüße", fields=FIELDS,
        )  # fmt: skip
    return ids


def test_events_are_numbered_by_company_and_sealed_when_the_portal_starts(app, companies):
    before = events()
    upgrade()

    assert events() == before
    services = app.extensions["portal.services"]
    services.forgetting.sweep()
    reports = {each.tenant_id: each for each in services.audit_verification.walk()}
    assert [(reports[each.hex].flaw, reports[each.hex].adopted) for each in companies] == [(None, 3), (None, 2)]
    assert [reports[each.hex].events for each in companies] == [4, 3]


def test_the_way_back_keeps_all_that_has_not_expired(app, companies):
    before = events()
    upgrade()
    app.extensions["portal.services"].forgetting.sweep()
    downgrade(revision=ScriptDirectory(app.extensions["migrate"].directory).get_revision(CHAIN).down_revision)

    assert [each for each in events() if each[2] != "audit-log.begun"] == before
    insert(
        "audit_events", id=id_of(uuid4()), tenant_id=id_of(companies[0]), at="2026-03-02 09:00:00.000000",
        actor_name="Pia", event="event-9", subject_name="", fields=FIELDS,
    )  # fmt: skip
    upgrade()
    assert len(events()) == len(before) + 3
