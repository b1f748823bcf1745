"""Knows the people's rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.addresses import address_key
from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.people import User, UserStatus
from portal.domain.roles import Role
from portal.store.db import Model, UtcTime


class UserRow(Model):
    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        # The linked configuration can only be one of the same tenant.
        ForeignKeyConstraint(
            ["tenant_id", "linked_config_id"],
            ["mail_configs.tenant_id", "mail_configs.id"],
            ondelete="RESTRICT",
        ),
        Index("ix_users_linked_config_id", "linked_config_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), index=True)
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(640), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    linked_config_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)


def as_domain(row: UserRow) -> User:
    return User(
        id=UserId(row.id),
        tenant_id=TenantId(row.tenant_id),
        email=row.email,
        name=row.name,
        role=Role(row.role),
        status=UserStatus(row.status),
        created_at=row.created_at,
        linked_config_id=ConfigId(row.linked_config_id) if row.linked_config_id else None,
        version=row.version,
    )


def get_row(session: Session, user_id: UserId) -> UserRow:
    """Raises NotFoundError."""
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFoundError
    return row


def get_of_tenant(session: Session, tenant_id: TenantId, user_id: UserId) -> UserRow:
    """A person of this very tenant. Raises NotFoundError."""
    row = get_row(session, user_id)
    if row.tenant_id != tenant_id:
        raise NotFoundError
    return row


def find_row_by_email(session: Session, email: str) -> UserRow | None:
    key = address_key(email)
    # What no database could hold is nobody's address (RFC 3629 §3: surrogates are no characters).
    if "\0" in key or any("\ud800" <= character <= "\udfff" for character in key):
        return None
    return session.scalar(select(UserRow).where(UserRow.email_key == key))


def find_any_active(session: Session) -> UserRow | None:
    return session.scalar(select(UserRow).where(UserRow.status == UserStatus.ACTIVE.value).limit(1))


def email_is_taken(session: Session, email: str) -> bool:
    return bool(session.scalar(select(exists().where(UserRow.email_key == address_key(email)))))


def rows_by_id(session: Session, tenant_id: TenantId, user_ids: Sequence[UserId]) -> list[UserRow]:
    """These people of this very tenant, by name. Raises NotFoundError if one of them is not there."""
    wanted = set(user_ids)
    found = session.scalars(
        select(UserRow).where(UserRow.tenant_id == tenant_id, UserRow.id.in_(wanted)).order_by(UserRow.name, UserRow.id)
    ).all()
    if len(found) != len(wanted):
        raise NotFoundError
    return list(found)


def rows_of(session: Session, tenant_id: TenantId) -> list[UserRow]:
    return list(
        session.scalars(select(UserRow).where(UserRow.tenant_id == tenant_id).order_by(UserRow.name, UserRow.id))
    )


def of_tenant(session: Session, tenant_id: TenantId) -> list[User]:
    return [as_domain(row) for row in rows_of(session, tenant_id)]
