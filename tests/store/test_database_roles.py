"""With PostgreSQL whoever serves needs rows and nothing else: the statements in docs/scaling.md are enough, and not too many."""

import re
from pathlib import Path

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.domain.symptoms import Sign
from portal.services.symptoms import rows
from portal.store.db import SYSTEM, db, unit_of_work
from tests.cast import plant
from tests.databases import address_of
from tests.fixtures_portal import Clock, build
from tests.guards.test_docs import ROOT
from tests.work import deliver_all

ROLES = ("relaytree_owner", "relaytree")

pytestmark = pytest.mark.timeout(120)


def statements():
    """The two blocks of the guide: for the superuser, and for the new database."""
    guide = (Path(ROOT) / "docs" / "scaling.md").read_text()
    return [
        [line for line in block.replace("…", "x").splitlines() if line]
        for block in re.findall(r"```sql\n(.*?)```", guide, re.DOTALL)
    ]


@pytest.fixture(scope="module")
def guided(postgres, tmp_path_factory):
    """A database that was made as the guide says: its address for each of the two roles."""
    first, second = statements()
    for url, block in ((postgres.superuser_url("postgres"), first), (postgres.superuser_url("relaytree"), second)):
        with psycopg.connect(url, autocommit=True) as connection:
            for line in block:
                connection.execute(line)
    addresses = {role: address_of(postgres, "relaytree").replace("relaytree_tests", role) for role in ROLES}
    owner = build(tmp_path_factory.mktemp("owner"), Clock(), database_url=addresses["relaytree_owner"])
    with owner.app_context():
        upgrade()
        db.engine.dispose()
    return addresses


@pytest.fixture
def portal(guided, tmp_path, mail_server):
    mail_server.clear()
    app = build(tmp_path, Clock(), database_url=guided["relaytree"], egress_ports=frozenset(mail_server.ports))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.asvs("13.2.2")
def test_rows_are_enough_to_serve_and_to_deliver(portal, mail_server):
    services = portal.extensions["portal.services"]
    cast = plant(services)
    cast.active_config(cast.rex, **mail_server.typed("none"))
    services.invitations.invite(cast.rex, cast.rex.tenant.id, email="sam@demo.test", name="Sam", role="staff")
    deliver_all(services)
    services.forgetting.sweep()

    assert [letter.recipients for letter in mail_server.letters] == [("sam@demo.test",)]
    assert services.audit.page(cast.rex, cast.rex.tenant.id)
    named = rows.look(services.clock, services.keys, services.queue, is_migrated=True)
    assert Sign.DATABASE_SUPERUSER not in {each.sign for each in named}


@pytest.mark.asvs("13.2.2")
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE users ADD COLUMN more int",
        "DROP TABLE users",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DROP FUNCTION refuse_change_of_audit_log CASCADE",
        "CREATE ROLE another",
        "COPY users TO PROGRAM 'cat'",
        "SET ROLE relaytree_owner",
    ],
)
def test_whoever_serves_does_not_change_the_tables_themselves(portal, statement):
    refusal = r"permission denied|must be owner|must be superuser|pg_execute"
    with pytest.raises(ProgrammingError, match=refusal), unit_of_work(SYSTEM) as session:
        session.execute(text(statement))
