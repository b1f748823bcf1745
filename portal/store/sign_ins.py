"""Knows the sessions of signed-in people and the one-time links mailed to them: only hashes of what they hold."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import UserId
from portal.store.db import Model, UtcTime


class SignInRow(Model):
    """One signed-in browser. `reference_hash` is the SHA-256 of the random reference in its cookie."""

    __tablename__ = "sign_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    reference_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    seen_at: Mapped[datetime] = mapped_column(UtcTime())
    address: Mapped[str] = mapped_column(String(45))


class OneTimeLinkRow(Model):
    """A link that works once, mailed or handed to somebody for one purpose."""

    __tablename__ = "one_time_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    expires_at: Mapped[datetime] = mapped_column(UtcTime())


def find(session: Session, reference_hash: bytes) -> SignInRow | None:
    return session.scalar(select(SignInRow).where(SignInRow.reference_hash == reference_hash))


def end(session: Session, reference_hash: bytes) -> None:
    session.execute(delete(SignInRow).where(SignInRow.reference_hash == reference_hash))


def end_all_of(session: Session, user_id: UserId, *, keep: bytes = b"") -> None:
    """End every session of a person, but for the one with this hash."""
    session.execute(delete(SignInRow).where(SignInRow.user_id == user_id, SignInRow.reference_hash != keep))


def forget(session: Session, *, seen_before: datetime, created_before: datetime) -> None:
    """Throw away the sessions that idled out or were open for too long."""
    session.execute(
        delete(SignInRow).where((SignInRow.seen_at <= seen_before) | (SignInRow.created_at <= created_before))
    )


def hash_of(reference: str) -> bytes:
    """The form in which a cookie's random reference is kept: it is random enough for a plain hash (ASVS 6.5.2)."""
    return hashlib.sha256(reference.encode("utf-8", "replace")).digest()


def find_link(session: Session, token_hash: bytes) -> OneTimeLinkRow | None:
    return session.scalar(select(OneTimeLinkRow).where(OneTimeLinkRow.token_hash == token_hash))


def forget_links(session: Session, *, expired_by: datetime) -> None:
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.expires_at <= expired_by))


def drop_links_of(session: Session, user_id: UserId) -> None:
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.user_id == user_id))
