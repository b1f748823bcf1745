"""Knows whether the operator holds the whole queue, since when, and who did it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, delete, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import new_id
from portal.domain.queue import Hold
from portal.store.db import Model, UtcTime, once


class QueueHoldRow(Model):
    """There is one while the queue is held, and none otherwise. `held_by` is empty for the command line."""

    __tablename__ = "queue_holds"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime())
    held_by: Mapped[str] = mapped_column(String(200))


def find(session: Session) -> Hold | None:
    return once(session, "hold", lambda: _find(session))


def _find(session: Session) -> Hold | None:
    row = session.scalar(select(QueueHoldRow).order_by(QueueHoldRow.since).limit(1))
    return None if row is None else Hold(row.since, row.held_by)


def begin(session: Session, now: datetime, held_by: str) -> None:
    session.add(QueueHoldRow(id=new_id(), since=now, held_by=held_by))


def end(session: Session) -> None:
    session.execute(delete(QueueHoldRow))


def nobody_holds() -> ColumnElement[bool]:
    """The condition under which mail may be taken in hand, for the very statement that looks for it."""
    return ~exists(select(QueueHoldRow.id))
