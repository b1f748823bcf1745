"""Knows how the database becomes one file while it is in use, and how such a file takes its place."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from portal.store.db import db

_SIDES = ("-wal", "-shm")


class UnusableError(Exception):
    """A file that is not a sound database."""


def place() -> Path | None:
    """Where the database is, or None where it is no file of SQLite."""
    url = db.engine.url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def take(source: Path, target: Path) -> None:
    """Copy the database at one moment; others may write meanwhile (SQLite's online backup)."""
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
        before.backup(after)


def revision_of(path: Path) -> str:
    """The migration that a database stands at. Raises UnusableError for what is damaged, or none of ours."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
            if answer != "ok":
                raise UnusableError
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(revision)
    except (sqlite3.DatabaseError, TypeError) as broken:
        raise UnusableError from broken


def put(source: Path, target: Path, now: datetime) -> Path | None:
    """Put a database file in the place of another, which is kept beside it. Returns where, or None without another."""
    db.session.remove()
    db.engine.dispose()
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.before-{now:%Y-%m-%dT%H-%M-%S}")
        with closing(sqlite3.connect(target)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else a part of it would stay beside
        kept.hardlink_to(target)  # so that at every moment there is a database in place
    for side in _SIDES:
        target.with_name(target.name + side).unlink(missing_ok=True)
    source.rename(target)
    return kept
