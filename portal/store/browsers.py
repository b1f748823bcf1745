"""Knows the browsers in which people were seen: only hashes of the marks that their cookies hold."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import UserId
from portal.store.db import Model, UtcTime


class BrowserRow(Model):
    """One browser of one person. `mark_hash` is the SHA-256 of the random mark in its cookie."""

    __tablename__ = "browsers"
    __table_args__ = (UniqueConstraint("user_id", "mark_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    mark_hash: Mapped[bytes]
    seen_at: Mapped[datetime] = mapped_column(UtcTime(), index=True)


def find(session: Session, user_id: UserId, mark_hash: bytes) -> BrowserRow | None:
    query = select(BrowserRow).where(BrowserRow.user_id == user_id, BrowserRow.mark_hash == mark_hash)
    return session.scalar(query)


def count_of(session: Session, user_id: UserId) -> int:
    return session.scalar(select(func.count()).where(BrowserRow.user_id == user_id)) or 0


def forget(session: Session, *, seen_before: datetime) -> None:
    session.execute(delete(BrowserRow).where(BrowserRow.seen_at <= seen_before))


def forget_all_but(session: Session, user_id: UserId, *, most: int) -> None:
    """Keep those of a person that were seen last."""
    kept = select(BrowserRow.id).where(BrowserRow.user_id == user_id).order_by(BrowserRow.seen_at.desc()).limit(most)
    session.execute(
        delete(BrowserRow)
        .where(BrowserRow.user_id == user_id, BrowserRow.id.not_in(kept))
        .execution_options(synchronize_session=False)
    )
