"""Where every wall of our own code is gone at once, PostgreSQL still shows nobody what is not his, and takes nothing of it."""

import logging
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import wraps
from unittest.mock import patch

import psycopg
import pytest
from flask import g

from portal.domain.ids import TenantId
from portal.services import places
from portal.store import row_security, tenants
from portal.store.db import db, reading
from tests.databases import address_of
from tests.fixtures_portal import Clock, build
from tests.guards.inhabited import BOOKKEEPING, everything, inhabiting
from tests.guards.routes import ways
from tests.isolation.filters import all_filters, forgotten

pytestmark = pytest.mark.timeout(600)
# Whoever else stands there; what Otto sees of the company above him, he may.
OTHERS = ("Rex Hosting", "Sue & Partners", "Cal & Co", "Next Door to Sue")


@pytest.fixture
def place(postgres, empty_postgres):
    name = postgres.create(empty_postgres)
    yield postgres, name
    postgres.drop(name)


@pytest.fixture
def town(place, empty_database, tmp_path_factory):
    """The town as ever, on PostgreSQL, for each test anew; what changes there is looked at from outside."""
    folder = tmp_path_factory.mktemp("walled")
    with inhabiting(folder, empty_database, Clock(), database_url=address_of(*place)) as found:
        logging.disable(logging.CRITICAL)
        yield found
        logging.disable(logging.NOTSET)


@pytest.fixture
def unbound(town, place, tmp_path_factory):
    """The same portal, entering as somebody whom no policy binds; nothing else is different."""
    server, name = place
    with patch.object(row_security, "_refuse", lambda *_: None):
        url = server.superuser_url(name).replace("postgresql:", "postgresql+psycopg:")
        app = build(tmp_path_factory.mktemp("unbound"), Clock(), database_url=url, demo=True)
    yield replace(town, app=app)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.asvs("8.4.1")
def test_otto_gets_nothing_of_anybodys_and_changes_nothing(town, place):
    asked, seen, changed = all_that_otto_gets(town, place)

    assert asked > 300
    assert (seen, changed) == ([], {})


def test_without_the_second_wall_he_would_have_got_it(unbound, place):
    """The very same requests as a superuser: so the walls of our own were really gone."""
    _asked, seen, changed = all_that_otto_gets(unbound, place)

    assert len({way for way, _mark in seen}) > 10
    assert {"mail_configs", "users", "profiles", "tenants"} <= changed.keys()


def all_that_otto_gets(town, place):
    """How many requests there were, what of others he saw, and in which tables rows of others changed."""
    otto, found, asked = town["Otto"], [], 0
    others = [each for each in town.companies if each.name in OTHERS]
    before = rows_of(place, others)
    with no_first_wall(town):
        for way in (each for each in ways(town.app) if "tenant_id" in each.ids):
            for company in others:
                form = {} if way.is_safe else everything(company.ids)
                answer = otto.ask(town.app, way.method, town.url(way, {**town.nobodys.ids, **company.ids}), form)
                asked += 1
                found += [(way.name, each.mark) for each in others if each.mark in answer.text]
    after = rows_of(place, others)
    changed = Counter(table for table, rows in after.items() for _ in range(len(rows ^ before[table])))
    return asked, found, dict(changed)


@contextmanager
def no_first_wall(town):
    """Nothing asks whether somebody may; the company of an address is taken as it comes; no query names a company."""
    with ExitStack() as off:
        off.enter_context(patch.dict(town.app.view_functions, dict(bare_views(town.app))))
        off.enter_context(patch.object(places, "ensure_may", lambda *_: None))
        off.enter_context(patch.object(places, "tenants", Naive()))
        for module in sorted({each.module for each in all_filters()}):
            off.enter_context(forgotten(module))
        off.enter_context(patch.dict(town.app.config, PROPAGATE_EXCEPTIONS=False))
        yield


class Naive:
    """Finds a company for whoever asks."""

    @staticmethod
    def get(_session, tenant_id):
        with reading("system") as session:
            return replace(tenants.get(session, tenant_id), name="A company")


def bare_views(app):
    for way in ways(app):
        if way.policy.permission and "tenant_id" in way.ids:
            yield way.rule.endpoint, bare(app.view_functions[way.rule.endpoint].__wrapped__)


def bare(view):
    @wraps(view)
    def in_company(tenant_id, **values):
        with reading("system") as session:
            g.tenant = Naive.get(session, TenantId(tenant_id))
        return view(tenant_id, **values)

    return in_company


def rows_of(place, companies):
    """Every row of these companies, by table, as whoever may see everything."""
    server, name = place
    ids = [each.ids["tenant_id"] for each in companies]
    with psycopg.connect(server.superuser_url(name)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'"
        ).fetchall()
        whose = {table: "tenant_id" for (table,) in tables if table not in BOOKKEEPING} | {"tenants": "id"}
        return {
            table: set(connection.execute(f"SELECT t::text FROM {table} AS t WHERE {column} = ANY(%s)", [ids]))
            for table, column in whose.items()
        }
