"""What a page asks among very many is answered by an index that was made for it: SQLite tells which it takes."""

import sqlite3
from contextlib import closing
from datetime import UTC

import pytest
from sqlalchemy import event

from portal.domain.tree import Show, TreeQuery
from portal.store import snapshots
from portal.store.db import db


@pytest.fixture
def plan_of(cast):
    """`plan_of(ask)` is how the database goes about whatever `ask` asks for, a line for each step."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL goes by what it knows of its tables, and these are small")

    def plan_of(ask):
        asked = []
        event.listen(db.engine, "checkout", lambda driver, *_others: driver.set_trace_callback(asked.append))
        ask()
        with closing(sqlite3.connect(snapshots.place())) as other:
            selects = [each for each in asked if each.startswith(("SELECT", "WITH"))]
            return [line[3] for each in selects for line in other.execute(f"EXPLAIN QUERY PLAN {each}")]

    return plan_of


@pytest.mark.parametrize(("show", "index"), [(Show.OWN, "ix_tenants_own"), (Show.DEFAULT, "ix_tenants_default")])
def test_who_chose_a_configuration_is_found_among_those_who_did_alone(cast, services, plan_of, show, index):
    for words in ("", "rare"):
        query = TreeQuery(words, show=show)
        plan = plan_of(lambda asked=query: services.tree.page(cast.pia, cast.pia.tenant.id, asked))
        assert [line for line in plan if f"USING INDEX {index} (path>? AND path<?)" in line]


def test_the_overview_counts_mails_without_reading_them_and_finds_those_that_wait_for_somebody_by_their_state(
    cast, services, plan_of
):
    plan = plan_of(lambda: services.dashboards.of(cast.sue, cast.sue.tenant.id, zone=UTC))

    assert (
        len([line for line in plan if "USING COVERING INDEX ix_messages_tenant_created (tenant_id=? AND" in line]) == 14
    )
    assert [line for line in plan if "recipients USING INDEX ix_recipients_due (state=?)" in line]
    assert [line for line in plan if "ix_messages_tenant_created (tenant_id=?)" in line] == []
