"""Knows the people's rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    case,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.addresses import address_key
from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.people import User, UserQuery, UserSort, UserStatus
from portal.domain.roles import Actor, Role
from portal.domain.tenancy import Tenant
from portal.store.db import SYSTEM, Model, UtcTime
from portal.store.row_security import standing_in


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
    name_key: Mapped[str] = mapped_column(String(360))
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    linked_config_id: Mapped[UUID | None]
    language: Mapped[str | None] = mapped_column(String(10))
    zone: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)


def actor_of(row: UserRow, tenant: Tenant) -> Actor:
    """Whoever acts, in his company."""
    return Actor(UserId(row.id), tenant, Role(row.role), row.email, row.name, row.language or "", row.zone or "")


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
        language=row.language or "",
        zone=row.zone or "",
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


def ids_by_email(session: Session, tenant_id: TenantId, emails: Sequence[str]) -> dict[str, UserId]:
    """Those of a tenant's people who have one of these addresses, by the key of the address."""
    keys = {address_key(email) for email in emails}
    sound = {key for key in keys if key.isprintable()}
    query = select(UserRow.email_key, UserRow.id).where(UserRow.tenant_id == tenant_id, UserRow.email_key.in_(sound))
    return {key: UserId(user_id) for key, user_id in session.execute(query)}


def email_is_taken(session: Session, email: str) -> bool:
    """Whether anybody has this address, in whatever company."""
    with standing_in(session, SYSTEM):
        return bool(session.scalar(select(exists().where(UserRow.email_key == address_key(email)))))


def rows_by_id(session: Session, tenant_id: TenantId, user_ids: Sequence[UserId]) -> list[UserRow]:
    """These people of this very tenant, by name. Raises NotFoundError if one of them is not there."""
    wanted = set(user_ids)
    found = session.scalars(
        select(UserRow)
        .where(UserRow.tenant_id == tenant_id, UserRow.id.in_(wanted))
        .order_by(UserRow.name_key, UserRow.id)
    ).all()
    if len(found) != len(wanted):
        raise NotFoundError
    return list(found)


def rows_of(session: Session, tenant_id: TenantId) -> list[UserRow]:
    return list(
        session.scalars(select(UserRow).where(UserRow.tenant_id == tenant_id).order_by(UserRow.name_key, UserRow.id))
    )


def of_tenant(session: Session, tenant_id: TenantId) -> list[User]:
    return [as_domain(row) for row in rows_of(session, tenant_id)]


def who_run_mail(session: Session, tenant_id: TenantId) -> list[User]:
    """Those who look after a tenant's configurations and can come in, by name."""
    roles = [Role.OWNER.value, Role.STAFF.value]
    able = UserRow.role.in_(roles), UserRow.status == UserStatus.ACTIVE.value
    query = select(UserRow).where(UserRow.tenant_id == tenant_id, *able)
    return [as_domain(row) for row in session.scalars(query.order_by(UserRow.name_key, UserRow.id))]


def count_owners(session: Session, tenant_id: TenantId, *, except_ids: Sequence[UserId]) -> int:
    """How many owners can come in, besides these."""
    active = UserRow.role == Role.OWNER.value, UserRow.status == UserStatus.ACTIVE.value
    query = select(func.count()).where(UserRow.tenant_id == tenant_id, *active, UserRow.id.not_in(except_ids))
    return session.scalar(query) or 0


def matching(selected: Select[Any], tenant_id: TenantId, query: UserQuery, members: Select[UUID] | None) -> Select[Any]:
    """Those of a tenant's people that a query asks for; `members` selects the ids of those of its profile."""
    found = selected.where(UserRow.tenant_id == tenant_id)
    if query.role is not None:
        found = found.where(UserRow.role == query.role.value)
    if query.status is not None:
        found = found.where(UserRow.status == query.status.value)
    if members is not None:
        found = found.where(UserRow.id.in_(members))
    for word in query.words.casefold().split():
        found = found.where(
            UserRow.name_key.contains(word, autoescape=True) | UserRow.email_key.contains(word, autoescape=True)
        )
    return found


_BY_NAME = (UserRow.name_key, UserRow.id)
_ROLES = case({Role.OWNER.value: 0, Role.STAFF.value: 1}, value=UserRow.role, else_=2)
_ORDERS: Mapping[UserSort, tuple[Any, ...]] = {
    UserSort.NAME: _BY_NAME,
    UserSort.EMAIL: (UserRow.email_key,),
    UserSort.ROLE: (_ROLES, *_BY_NAME),
    UserSort.NEWEST: (UserRow.created_at.desc(), *_BY_NAME),
}
_REVERSED: Mapping[UserSort, tuple[Any, ...]] = {
    UserSort.NAME: tuple(each.desc() for each in _BY_NAME),
    UserSort.EMAIL: (UserRow.email_key.desc(),),
    UserSort.ROLE: (_ROLES.desc(), *_BY_NAME),
    UserSort.NEWEST: (UserRow.created_at, *_BY_NAME),
}


def order_of(query: UserQuery) -> tuple[Any, ...]:
    """By what a page of people is sorted."""
    return _REVERSED[query.sort] if query.is_reversed else _ORDERS[query.sort]
