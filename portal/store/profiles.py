"""Knows the profiles' rows, who is in them, and the configurations linked to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.addresses import address_key
from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, ProfileId, TenantId, UserId
from portal.domain.people import User
from portal.domain.profiles import FIRST_ORDER, Profile, ProfileLine
from portal.store import users
from portal.store.db import Model, UtcTime, at_once, once, table_of
from portal.store.mail_configs import MailConfigRow
from portal.store.users import UserRow


class ProfileRow(Model):
    """`position` is the order among the profiles of its tenant."""

    __tablename__ = "profiles"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "name_key"),
        UniqueConstraint("tenant_id", "position"),
        # The linked configuration can only be one of the same tenant.
        ForeignKeyConstraint(
            ["tenant_id", "linked_config_id"],
            ["mail_configs.tenant_id", "mail_configs.id"],
            ondelete="RESTRICT",
        ),
        Index("ix_profiles_linked_config_id", "linked_config_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(360))
    position: Mapped[int]
    linked_config_id: Mapped[UUID | None]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcTime())


class MembershipRow(Model):
    """A user in a profile: both keys share one tenant, so that nobody can be in a profile of another."""

    __tablename__ = "memberships"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant_id", "profile_id"], ["profiles.tenant_id", "profiles.id"], ondelete="CASCADE"),
        Index("ix_memberships_profile_id", "profile_id"),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    profile_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]


@dataclass(frozen=True, slots=True)
class Links:
    """What a user's own rungs offer: the configuration linked to himself, and those of his profiles in their order."""

    person: User
    profiles: tuple[tuple[str, ConfigId | None], ...]


def as_domain(row: ProfileRow) -> Profile:
    return Profile(
        id=ProfileId(row.id),
        tenant_id=TenantId(row.tenant_id),
        name=row.name,
        order=row.position,
        linked_config_id=ConfigId(row.linked_config_id) if row.linked_config_id else None,
        version=row.version,
    )


def get_row(session: Session, tenant_id: TenantId, profile_id: ProfileId) -> ProfileRow:
    """A profile of this very tenant. Raises NotFoundError."""
    row = session.scalar(select(ProfileRow).where(ProfileRow.tenant_id == tenant_id, ProfileRow.id == profile_id))
    if row is None:
        raise NotFoundError
    return row


def rows_of(session: Session, tenant_id: TenantId) -> list[ProfileRow]:
    """In their order."""
    return list(
        session.scalars(select(ProfileRow).where(ProfileRow.tenant_id == tenant_id).order_by(ProfileRow.position))
    )


def lines_of(session: Session, tenant_id: TenantId) -> list[ProfileLine]:
    """In their order, each with how many are in it and what the configuration linked to it is called."""
    members = select(func.count()).select_from(MembershipRow).where(MembershipRow.profile_id == ProfileRow.id)
    linked = and_(MailConfigRow.tenant_id == ProfileRow.tenant_id, MailConfigRow.id == ProfileRow.linked_config_id)
    lines = select(
        *table_of(ProfileRow).c, members.scalar_subquery().label("members"), MailConfigRow.name.label("linked")
    )
    own = lines.outerjoin(MailConfigRow, linked).where(ProfileRow.tenant_id == tenant_id)
    rows: Any = at_once(session, own.order_by(ProfileRow.position))
    return [ProfileLine(as_domain(row), row.members, row.linked, place) for place, row in enumerate(rows, 1)]


def next_position(session: Session, tenant_id: TenantId) -> int:
    """The place behind all others; call it under the write lock."""
    last = session.scalar(select(func.max(ProfileRow.position)).where(ProfileRow.tenant_id == tenant_id))
    return FIRST_ORDER if last is None else last + 1


def name_is_taken(session: Session, tenant_id: TenantId, name: str, *, except_id: ProfileId) -> bool:
    taken = exists().where(
        ProfileRow.tenant_id == tenant_id, ProfileRow.name_key == name.casefold(), ProfileRow.id != except_id
    )
    return bool(session.scalar(select(taken)))


def links_of(session: Session, tenant_id: TenantId, user_id: UserId) -> Links | None:
    """One query for everything that is linked to a user of the tenant; None where there is no such user."""
    return once(session, ("links", tenant_id, user_id), lambda: _links(session, tenant_id, UserRow.id == user_id))


def links_at(session: Session, tenant_id: TenantId, email: str) -> Links | None:
    """The same for whoever has an address; asked for by his id, he is known from then on."""
    key = address_key(email)
    found = _links(session, tenant_id, UserRow.email_key == key) if key.isprintable() else None
    return once(session, ("links", tenant_id, found.person.id), lambda: found) if found else None


def _links(session: Session, tenant_id: TenantId, is_it: ColumnElement[bool]) -> Links | None:
    rows: Any = at_once(session, _LINKS.where(UserRow.tenant_id == tenant_id, is_it)).all()
    if not rows:
        return None
    linked = ((row.profile_name, row.profile_config_id) for row in rows if row.profile_name)
    return Links(
        users.as_domain(rows[0]), tuple((name, ConfigId(config) if config else None) for name, config in linked)
    )


_LINKS = (
    select(
        *table_of(UserRow).c,
        ProfileRow.name.label("profile_name"),
        ProfileRow.linked_config_id.label("profile_config_id"),
    )
    .outerjoin(MembershipRow, MembershipRow.user_id == UserRow.id)
    .outerjoin(ProfileRow, ProfileRow.id == MembershipRow.profile_id)
    .order_by(ProfileRow.position)
)


def members_of(session: Session, profile_id: ProfileId) -> list[UserRow]:
    return list(
        session.scalars(
            select(UserRow)
            .join(MembershipRow, MembershipRow.user_id == UserRow.id)
            .where(MembershipRow.profile_id == profile_id)
            .order_by(UserRow.name_key, UserRow.id)
        )
    )


def of_users(
    session: Session, tenant_id: TenantId, user_ids: Select[UUID] | Sequence[UserId]
) -> Mapping[UserId, list[Profile]]:
    """The profiles of each of these users that has any, in their order."""
    rows = session.execute(
        select(MembershipRow.user_id, ProfileRow)
        .join(ProfileRow, ProfileRow.id == MembershipRow.profile_id)
        .where(MembershipRow.tenant_id == tenant_id, MembershipRow.user_id.in_(user_ids))
        .order_by(ProfileRow.position)
    )
    found: dict[UserId, list[Profile]] = {}
    for user_id, row in rows:
        found.setdefault(UserId(user_id), []).append(as_domain(row))
    return found


def find_membership(session: Session, profile_id: ProfileId, user_id: UserId) -> MembershipRow | None:
    return session.get(MembershipRow, (user_id, profile_id))


def member_ids(profile_id: ProfileId) -> Select[UUID]:
    return select(MembershipRow.user_id).where(MembershipRow.profile_id == profile_id)
