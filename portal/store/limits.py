"""Knows how often something was done in a window of time; a place is taken before the work is."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.db import Model, UtcTime

# The first number tells these locks from the others of this database.
_LOCK = text("SELECT pg_advisory_xact_lock(2, hashtext(:key))")


class LimitRow(Model):
    __tablename__ = "limits"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime())
    count: Mapped[int]


def take(session: Session, key: str, window: timedelta, now: datetime) -> tuple[int, datetime]:
    """Count one more use of `key`; return the uses in the current window, this one included, and the window's end."""
    row = session.get(LimitRow, key)
    if row is None:
        row = LimitRow(key=key, since=now, count=0)
        session.add(row)
    if not row.since <= now < row.since + window:  # it may be ahead where the clock was turned back
        row.since, row.count = now, 0
    row.count += 1
    return row.count, row.since + window


def uses(session: Session, key: str, window: timedelta, now: datetime) -> int:
    """How often `key` was used in the current window."""
    row = session.get(LimitRow, key)
    return row.count if row is not None and now < row.since + window else 0


def lock(session: Session, key: str) -> None:
    """Let nobody else count `key` until the transaction ends. On SQLite nobody does anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK, {"key": key})


def give_back(session: Session, key: str) -> None:
    """Uncount one use of `key`."""
    row = session.get(LimitRow, key)
    if row is not None:
        row.count = max(0, row.count - 1)


def forget(session: Session, *, begun_before: datetime) -> None:
    """Throw away the counts of windows that began so long ago that every one of them is over."""
    session.execute(delete(LimitRow).where(LimitRow.since < begun_before))


def clear(session: Session, key: str) -> None:
    row = session.get(LimitRow, key)
    if row is not None:
        session.delete(row)
