"""The migrations lead to exactly what the models say, there and back, and lean on nothing but the rows."""

import ast
import json
from pathlib import Path

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import Column, Integer, Table, inspect

from portal.store.db import Base, db
from tests.databases import address_of
from tests.fixtures_portal import Clock, build

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "migrations").rglob("*.py"))


@pytest.fixture(params=("sqlite", "postgresql"))
def empty(tmp_path, request):
    """An app on a database in which nothing stands yet."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'portal.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = address_of(server, server.create())
    app = build(tmp_path, Clock(), database_url=url)
    with app.app_context():
        yield app
        db.engine.dispose()


def test_what_the_migrations_made_is_what_the_models_say(empty):
    upgrade()

    check()


def test_a_model_without_its_migration_is_noticed(empty):
    upgrade()
    table = Table("afterthoughts", Base.metadata, Column("id", Integer, primary_key=True))
    try:
        with pytest.raises(SystemExit):
            check()
    finally:
        Base.metadata.remove(table)


def test_the_way_back_leads_to_nothing_and_the_way_there_again_to_the_same(empty):
    upgrade()
    before = tables()
    downgrade(revision="base")
    between = tables()
    upgrade()

    assert tables() == before
    assert set(between) == {"alembic_version"}


def test_every_script_is_numbered_and_named_by_a_sentence():
    names = [path.stem for path in SCRIPTS if path.parent.name == "versions"]

    assert [name.partition("_")[0] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [name for name in names if name.count("_") < 2] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_migrations_know_the_store_and_no_other_part_of_the_portal(script):
    text = script.read_text()
    imported = {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    named = {
        word.value for word in ast.walk(ast.parse(text)) if isinstance(word, ast.Constant) and is_module(word.value)
    }

    foreign = {name for name in imported | named if name.startswith("portal") and not name.startswith("portal.store")}
    assert foreign == set()


def is_module(value):
    return isinstance(value, str) and value.startswith("portal.")


def tables():
    """Everything that the database knows of each table: columns, keys, constraints, indexes."""
    seen = inspect(db.engine)
    asked = (
        seen.get_columns,
        seen.get_pk_constraint,
        seen.get_foreign_keys,
        seen.get_unique_constraints,
        seen.get_check_constraints,
        seen.get_indexes,
    )
    return {name: [in_any_order(ask(name)) for ask in asked] for name in seen.get_table_names()}


def in_any_order(found):
    """A table that was altered in place names its constraints, and its columns, in any order."""
    return sorted(map(written, found)) if isinstance(found, list) else written(found)


def written(found):
    return json.dumps(found, default=str, sort_keys=True)
