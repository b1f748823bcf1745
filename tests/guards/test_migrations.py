"""The migrations lead to exactly what the models say, there and back, and lean on nothing but the rows."""

import ast
import sqlite3
from pathlib import Path

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import Column, Integer, Table

from portal.store.db import Base, db
from tests.fixtures_portal import Clock, build

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "migrations").rglob("*.py"))


@pytest.fixture
def empty(tmp_path):
    """An app on a database file in which nothing stands yet."""
    app = build(tmp_path, Clock())
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


def test_the_way_back_leads_to_nothing_and_the_way_there_again_to_the_same(empty, tmp_path):
    upgrade()
    before = tables(tmp_path)
    downgrade(revision="base")
    between = tables(tmp_path)
    upgrade()

    assert tables(tmp_path) == before
    assert set(between) == {"alembic_version"}
    assert asked(tmp_path, "PRAGMA foreign_key_check") == []


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


def tables(folder):
    """Each table's columns and constraints; a table that was altered in place names its constraints in any order."""
    found = asked(folder, "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return {name: sorted(line.strip("\t ,") for line in sql.splitlines()) for name, sql in found}


def asked(folder, question):
    connection = sqlite3.connect(folder / "portal.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()
