"""Knows how what was erased from a SQLite database leaves its files too."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.orm import Session

from portal.store import snapshots
from portal.store.db import afterwards

# How long to wait for those who read, in seconds. Where that is not enough the next sweep does it.
_PATIENCE = 0.5


def promise(session: Session) -> None:
    """Empty the write-ahead log once the open transaction is committed: it still has what stood there before.

    The database itself is overwritten where something is deleted (`secure_delete`). PostgreSQL cleans up by itself.
    """
    afterwards(session, _try_to_empty_log)


def empty_log(*, patience: float = 0) -> bool:
    """Move everything from the log into the database and cut the log to nothing. False where somebody reads."""
    place = snapshots.place()
    if place is None or not _has_log(place):
        return True
    try:
        with closing(sqlite3.connect(place, timeout=patience)) as connection:
            busy, _pages, _moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    return not busy


def _has_log(place: Path) -> bool:
    try:
        return place.with_name(f"{place.name}-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def _try_to_empty_log() -> None:
    empty_log(patience=_PATIENCE)
