"""Knows how a page of a company's people is read: one statement for them, one for the names around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, func, literal_column, null, select, true, union_all
from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, ProfileId, TenantId, UserId
from portal.domain.people import PAGE, User, UserQuery
from portal.domain.profiles import Profile
from portal.store import users
from portal.store.db import at_once
from portal.store.mail_configs import MailConfigRow
from portal.store.profiles import MembershipRow, ProfileRow
from portal.store.users import UserRow


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people, how many the query found altogether, and how many there are without any filter."""

    people: tuple[User, ...]
    found: int
    everybody: int


@dataclass(frozen=True, slots=True)
class Around:
    """All profiles of a company in their order, who of the people shown is in which, and its configurations."""

    profiles: Mapping[ProfileId, Profile]
    memberships: Mapping[UserId, frozenset[ProfileId]]
    configs: Mapping[ConfigId, str]

    def profiles_of(self, user_id: UserId) -> tuple[Profile, ...]:
        """In their order."""
        own = self.memberships.get(user_id, frozenset())
        return tuple(each for each in self.profiles.values() if each.id in own)


def page_of(session: Session, tenant_id: TenantId, query: UserQuery, members: Select[UUID] | None) -> Found:
    """One page of the people that a query asks for; `members` selects the ids of those of its profile."""
    order = func.row_number().over(order_by=users.order_of(query)).label("place")
    asked = users.matching(select(*UserRow.__table__.c, order), tenant_id, query, members)
    page = asked.order_by(order).limit(PAGE).offset((query.page - 1) * PAGE).subquery("page")
    totals = select(
        users.matching(select(func.count()), tenant_id, query, members).scalar_subquery().label("found"),
        users.matching(select(func.count()), tenant_id, UserQuery(), None).scalar_subquery().label("everybody"),
    ).subquery("totals")
    # Where the page is empty, the totals still come.
    statement = select(totals, page).select_from(totals.outerjoin(page, true())).order_by(page.c.place)
    rows: Any = at_once(session, statement).all()
    people = tuple(users.as_domain(row) for row in rows if row.id is not None)
    return Found(people, rows[0].found, rows[0].everybody)


def around(session: Session, tenant_id: TenantId, user_ids: Sequence[UserId]) -> Around:
    rows = [tuple(row) for row in at_once(session, _names(tenant_id, user_ids))]
    of_kind = {kind: [row[1:] for row in rows if row[0] == kind] for kind in (_PROFILE, _MEMBER, _CONFIG)}
    members: dict[UserId, frozenset[ProfileId]] = {}
    for user_id, profile_id, *_ in of_kind[_MEMBER]:
        members[UserId(user_id)] = members.get(UserId(user_id), frozenset()) | {ProfileId(profile_id)}
    profiles = [_profile(tenant_id, row) for row in of_kind[_PROFILE]]
    configs = sorted(of_kind[_CONFIG], key=lambda row: str(row[3]))
    return Around(
        {each.id: each for each in sorted(profiles, key=lambda each: each.order)},
        members,
        {ConfigId(config_id): name for config_id, _, name, *_ in configs},
    )


_PROFILE, _MEMBER, _CONFIG = 0, 1, 2


def _names(tenant_id: TenantId, user_ids: Sequence[UserId]) -> Any:
    """Rows of three kinds: two ids, a name, the name to sort by, a place in an order, a version."""
    numbers = ProfileRow.position, ProfileRow.version
    member = MembershipRow.user_id, MembershipRow.profile_id, null(), null(), null(), null()
    config = MailConfigRow.id, null(), MailConfigRow.name, MailConfigRow.name_key, null(), null()
    return union_all(
        select(
            _kind(_PROFILE), ProfileRow.id, ProfileRow.linked_config_id, ProfileRow.name, ProfileRow.name_key, *numbers
        ).where(ProfileRow.tenant_id == tenant_id),
        select(_kind(_MEMBER), *member).where(
            MembershipRow.tenant_id == tenant_id, MembershipRow.user_id.in_(user_ids)
        ),
        select(_kind(_CONFIG), *config).where(MailConfigRow.tenant_id == tenant_id),
    )


def _kind(kind: int) -> Any:
    return literal_column(str(kind), Integer)


def _profile(tenant_id: TenantId, row: Sequence[Any]) -> Profile:
    profile_id, linked, name, _key, position, version = row
    return Profile(ProfileId(profile_id), tenant_id, name, position, ConfigId(linked) if linked else None, version)
