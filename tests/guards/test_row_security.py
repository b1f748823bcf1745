"""The second wall has no gap: every table has its policies or a reason, and every use case says in whose scope it acts."""

import ast
from pathlib import Path

import psycopg
import pytest

from portal.store.db import Base

ROOT = Path(__file__).parents[2]
# Tables in which nothing is any company's.
WITHOUT = {
    "alembic_version": "the number of the last migration",
    "brand_states": "one number, which says that some brand or name changed",
    "limits": "counts under keys that are hashes, asked for by whoever tries to come in, too",
    "queue_holds": "the operator's one row: whether any mail leaves",
}
# Use cases in which nobody acts: a company, as whose mail or account something is made, is the scope.
NOBODY_ACTS = {"services/accounts.py: add", "services/sending.py: send", "services/sending.py: send_each"}
# What leaves the scope of a transaction, and shows nothing but a yes, a no or a number.
LEAVES = {
    "store/mail_configs.py: id_is_taken",
    "store/tenants.py: name_is_taken",
    "store/paths.py: next_label",
    "store/users.py: email_is_taken",
}
# What shows what the companies above hand down.
LOOKS_UP = {
    "services/explanations.py: explain",
    "services/inheritance.py: of",
    "services/outbox.py: _draft",
    "services/own_brand.py: brands_of",
    "services/own_words.py: applying_in",
    "services/portal_urls.py: of",
    "services/resolution.py: _usable",
    "services/resolution.py: read_both",
}


@pytest.fixture(scope="module")
def walls(postgres, empty_postgres):
    """By table: whether its policies hold, whether they hold for its owner, and what each of them is for."""
    with psycopg.connect(postgres.superuser_url(empty_postgres)) as connection:
        rows = connection.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity,"
            " array(SELECT polcmd::text FROM pg_policy WHERE polrelid = pg_class.oid ORDER BY polname)"
            " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchall()
    return {name: (enabled, forced, commands) for name, enabled, forced, commands in rows}


def test_every_table_has_a_policy_or_a_reason(walls):
    assert Base.metadata.tables.keys() <= walls.keys()
    bare = {name for name, (enabled, forced, commands) in walls.items() if not (enabled and forced and "*" in commands)}

    assert bare == WITHOUT.keys()


def test_whatever_is_let_through_besides_is_only_read(walls):
    beside = {name: commands for name, (_enabled, _forced, commands) in walls.items() if set(commands) - {"*"}}

    assert beside == {name: ["r", "*"] for name in ("brand_hosts", "brandings", "mail_configs", "templates", "tenants")}


def test_whoever_acts_does_so_in_his_own_company_or_says_why_not():
    scopes = list(scopes_of("services"))
    assert len(scopes) > 150

    assert {
        place for place, _line, scope, _actor in scopes if scope not in {"actor.tenant.id", "SYSTEM"}
    } == NOBODY_ACTS
    unexplained = [place for place, line, scope, actor in scopes if actor and scope == "SYSTEM" and "  # " not in line]
    assert unexplained == []


def test_leaving_the_scope_and_looking_up_are_few_and_named():
    assert set(places_that_call("standing_in", "store")) - {"store/db.py: _writing", "store/db.py: reading"} == LEAVES
    assert set(places_that_call("standing_in", "services")) == set()
    assert set(places_that_call("looking_up", "services")) == LOOKS_UP


def scopes_of(shelf):
    """Every transaction: its place, the line, its scope, and whether somebody acts there."""
    for place, function, lines in functions_of(shelf):
        for call in calls_in(function, {"reading", "unit_of_work", "handing_in"}):
            names = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
            yield place, lines[call.lineno - 1], ast.unparse(call.args[0]), "actor" in names


def places_that_call(name, shelf):
    return (place for place, function, _lines in functions_of(shelf) if list(calls_in(function, {name})))


def functions_of(shelf):
    for path in sorted((ROOT / "portal" / shelf).rglob("*.py")):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(ROOT / 'portal')}: {node.name}", node, source.splitlines()


def calls_in(function, names):
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node
