"""Runs the migrations on the application's own engine. Imports portal.store only."""

import importlib
import sys

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from portal.store.db import Base
from portal.store.row_security import NoWallError, with_everything

for aggregate in (
    "tenants",
    "users",
    "profiles",
    "mail_configs",
    "outbox",
    "trials",
    "sign_ins",
    "browsers",
    "second_factors",
    "limits",
    "audit_log",
    "audit_chain",
    "destinations",
    "templates",
    "contacts",
    "invoices",
):
    importlib.import_module(f"portal.store.{aggregate}")


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with_everything(connection)
        _one_at_a_time(connection)
        _without_cascades(connection, enabled=False)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        _without_cascades(connection, enabled=True)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_unlock(1382378592)"))
            connection.commit()


def _one_at_a_time(connection: Connection) -> None:
    """Several processes that start together wait for the first of them."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(1382378592)"))
        connection.commit()


def _without_cascades(connection: Connection, *, enabled: bool) -> None:
    """A batch alter drops and remakes a table: with the keys on, ON DELETE CASCADE would empty its children."""
    if connection.dialect.name != "sqlite":
        return
    raw = connection.connection.driver_connection
    raw.execute(f"PRAGMA foreign_keys={'ON' if enabled else 'OFF'}")
    if enabled:
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        connection.rollback()
        if broken:
            raise RuntimeError(f"a migration left dangling references: {broken[:5]}")


try:
    run()
except NoWallError as refusal:
    sys.exit(f"Error: {refusal}")
