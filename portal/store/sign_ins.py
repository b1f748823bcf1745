"""Knows the sessions of people who are in, or half-way in, and the one-time links mailed to them: only hashes."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import UserId
from portal.store.db import Model, UtcTime


class SignInRow(Model):
    """One signed-in browser. `reference_hash` is the SHA-256 of the random reference in its cookie.

    `proven_at` is when its holder last showed his password there, and his second factor where he has one. `host` is the
    brand host on which he did, empty for the portal's own name: it counts there alone.
    """

    __tablename__ = "sign_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    reference_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    seen_at: Mapped[datetime] = mapped_column(UtcTime())
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(40))
    proven_at: Mapped[datetime] = mapped_column(UtcTime())
    host: Mapped[str] = mapped_column(String(253))


class HalfSignInRow(Model):
    """Somebody whose password was right and whose second factor is still asked for: no session, it opens nothing."""

    __tablename__ = "half_sign_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    reference_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime())


class OneTimeLinkRow(Model):
    """A link that works once, mailed or handed to somebody for one purpose; `email` is the address that it proves."""

    __tablename__ = "one_time_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    expires_at: Mapped[datetime] = mapped_column(UtcTime())
    email: Mapped[str | None] = mapped_column(String(320))


def find(session: Session, reference_hash: bytes) -> SignInRow | None:
    return session.scalar(select(SignInRow).where(SignInRow.reference_hash == reference_hash))


def end(session: Session, reference_hash: bytes) -> None:
    session.execute(delete(SignInRow).where(SignInRow.reference_hash == reference_hash))


def end_all_of(session: Session, user_id: UserId, *, keep: bytes = b"") -> None:
    """End every session of a person, but for the one with this hash, and whatever is half-way to become one."""
    session.execute(delete(SignInRow).where(SignInRow.user_id == user_id, SignInRow.reference_hash != keep))
    end_halves_of(session, user_id)


def end_one_of(session: Session, user_id: UserId, sign_in_id: UUID) -> bool:
    """End one session of a person. Returns whether he had it."""
    found = session.scalar(select(SignInRow).where(SignInRow.id == sign_in_id, SignInRow.user_id == user_id))
    if found is None:
        return False
    session.delete(found)
    return True


def end_oldest_of(session: Session, user_id: UserId, newest: UUID, *, most: int) -> None:
    """Keep of a person's sessions `newest`, and of the others those that began last."""
    others = SignInRow.user_id == user_id, SignInRow.id != newest
    kept = select(SignInRow.id).where(*others).order_by(SignInRow.created_at.desc()).limit(most - 1)
    gone = delete(SignInRow).where(*others, SignInRow.id.not_in(kept))
    session.execute(gone.execution_options(synchronize_session=False))


def alive_of(session: Session, user_id: UserId, *, seen_after: datetime, created_after: datetime) -> list[SignInRow]:
    """The sessions of a person that have neither idled out nor been open for too long, latest first."""
    alive = SignInRow.seen_at > seen_after, SignInRow.created_at > created_after
    query = select(SignInRow).where(SignInRow.user_id == user_id, *alive)
    return list(session.scalars(query.order_by(SignInRow.seen_at.desc(), SignInRow.id)))


def forget(session: Session, *, seen_before: datetime, created_before: datetime) -> None:
    """Throw away the sessions that idled out or were open for too long."""
    session.execute(
        delete(SignInRow).where((SignInRow.seen_at <= seen_before) | (SignInRow.created_at <= created_before))
    )


def find_half(session: Session, reference_hash: bytes) -> HalfSignInRow | None:
    return session.scalar(select(HalfSignInRow).where(HalfSignInRow.reference_hash == reference_hash))


def end_halves_of(session: Session, user_id: UserId) -> None:
    session.execute(delete(HalfSignInRow).where(HalfSignInRow.user_id == user_id))


def end_oldest_halves_of(session: Session, user_id: UserId, newest: UUID, *, most: int) -> None:
    """Keep of what is half-way in of a person `newest`, and of the others those that end last."""
    others = HalfSignInRow.user_id == user_id, HalfSignInRow.id != newest
    kept = select(HalfSignInRow.id).where(*others).order_by(HalfSignInRow.expires_at.desc()).limit(most - 1)
    gone = delete(HalfSignInRow).where(*others, HalfSignInRow.id.not_in(kept))
    session.execute(gone.execution_options(synchronize_session=False))


def forget_halves(session: Session, *, expired_by: datetime) -> None:
    session.execute(delete(HalfSignInRow).where(HalfSignInRow.expires_at <= expired_by))


def hash_of(reference: str) -> bytes:
    """The form in which a cookie's random reference is kept: it is random enough for a plain hash (ASVS 6.5.2)."""
    return hashlib.sha256(reference.encode("utf-8", "replace")).digest()


def find_link(session: Session, token_hash: bytes) -> OneTimeLinkRow | None:
    return session.scalar(select(OneTimeLinkRow).where(OneTimeLinkRow.token_hash == token_hash))


def forget_links(session: Session, *, expired_by: datetime) -> None:
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.expires_at <= expired_by))


def drop_links_of(session: Session, user_id: UserId) -> None:
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.user_id == user_id))
