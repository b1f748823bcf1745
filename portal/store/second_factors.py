"""Knows the second factors of people, sealed, and the hashes of the recovery codes that stand in for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, delete, exists, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ids import UserId
from portal.store.db import Model, UtcTime


class SecondFactorRow(Model):
    """`seed` counts since `since`; `offered_seed` does not count before a code of it was shown.

    `last_step` is the step of time (RFC 6238) of the last code that was taken: no code of it or before it is again.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    seed: Mapped[bytes | None]
    since: Mapped[datetime | None] = mapped_column(UtcTime())
    last_step: Mapped[int | None]
    offered_seed: Mapped[bytes | None]
    offered_at: Mapped[datetime | None] = mapped_column(UtcTime())


class RecoveryCodeRow(Model):
    """A code that works once in place of the second factor; a used one is not kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes]


def find(session: Session, user_id: UserId) -> SecondFactorRow | None:
    return session.get(SecondFactorRow, user_id)


def is_on(session: Session, user_id: UserId) -> bool:
    counts = SecondFactorRow.user_id == user_id, SecondFactorRow.seed.is_not(None)
    return bool(session.scalar(select(exists().where(*counts))))


def remove(session: Session, user_id: UserId) -> None:
    session.execute(delete(SecondFactorRow).where(SecondFactorRow.user_id == user_id))
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))


def forget_offers(session: Session, *, offered_before: datetime) -> None:
    """Throw away the seeds that nobody confirmed in time."""
    session.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.offered_at < offered_before)
        .values(offered_seed=None, offered_at=None)
        .execution_options(synchronize_session=False)
    )


def count_codes(session: Session, user_id: UserId) -> int:
    return session.scalar(select(func.count()).where(RecoveryCodeRow.user_id == user_id)) or 0


def find_code(session: Session, user_id: UserId, code_hash: bytes) -> RecoveryCodeRow | None:
    query = select(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.code_hash == code_hash)
    return session.scalar(query)


def drop_codes(session: Session, user_id: UserId) -> None:
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
