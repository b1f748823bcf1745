"""Knows how everybody in a subtree is read at once, with what decides whose configuration his mail uses."""

from collections.abc import Iterable

from sqlalchemy import distinct, func, or_, select
from sqlalchemy.orm import Session

from portal.domain.delivery import DUE, State
from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.impact import Company, Crowd, Landscape, Person
from portal.domain.precedence import Choice
from portal.domain.tenancy import Tenant, subtree_of
from portal.store import tenants
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.profiles import MembershipRow, ProfileRow
from portal.store.tenants import TenantRow
from portal.store.users import UserRow


def landscape_of(session: Session, top: Tenant, above: Choice | None) -> Landscape:
    """The subtree of a company, by as many statements whatever its size."""
    everyone = tenants.subtree(session, top)
    open_ones = {each.id for each in everyone}
    people = [each for each in _linked_people(session, top) if each.tenant_id in open_ones]
    counts = _counts(session, top)
    linked = _counted(person.tenant_id for person in people)
    companies = (
        Company(
            each.id, each.parent_id, each.name, each.active_config_id, counts.get(each.id, 0) - linked.get(each.id, 0)
        )
        for each in everyone
    )
    return Landscape(tuple(companies), tuple(people), tuple(_waiting(session, top)), above)


def _counts(session: Session, top: Tenant) -> dict[TenantId, int]:
    rows = session.execute(
        select(UserRow.tenant_id, func.count())
        .join(TenantRow, TenantRow.id == UserRow.tenant_id)
        .where(TenantRow.path.between(*subtree_of(top.path)))
        .group_by(UserRow.tenant_id)
    )
    return {TenantId(tenant_id): count for tenant_id, count in rows}


def _linked_people(session: Session, top: Tenant) -> list[Person]:
    rows = session.execute(
        select(UserRow.id, UserRow.tenant_id, UserRow.linked_config_id, ProfileRow.linked_config_id)
        .join(TenantRow, TenantRow.id == UserRow.tenant_id)
        .outerjoin(MembershipRow, MembershipRow.user_id == UserRow.id)
        .outerjoin(ProfileRow, ProfileRow.id == MembershipRow.profile_id)
        .where(TenantRow.path.between(*subtree_of(top.path)))
        .where(or_(UserRow.linked_config_id.is_not(None), ProfileRow.linked_config_id.is_not(None)))
        .order_by(UserRow.id, ProfileRow.position)
    )
    found: dict[UserId, Person] = {}
    for user_id, tenant_id, own, of_profile in rows:
        key = UserId(user_id)
        before = found.get(key)
        links = before.links if before else tuple(ConfigId(each) for each in (own,) if each)
        if of_profile is not None:
            links = (*links, ConfigId(of_profile))
        found[key] = Person(key, TenantId(tenant_id), links)
    return list(found.values())


def _waiting(session: Session, top: Tenant) -> list[Crowd]:
    waiting = [state.value for state in (*DUE, State.HELD)]
    group = MessageRow.tenant_id, MessageRow.user_id, MessageRow.named_config_id
    rows = session.execute(
        select(*group, func.count(distinct(MessageRow.id)))
        .join(RecipientRow, RecipientRow.message_id == MessageRow.id)
        .join(TenantRow, TenantRow.id == MessageRow.tenant_id)
        .where(TenantRow.path.between(*subtree_of(top.path)), RecipientRow.state.in_(waiting))
        .group_by(*group)
    )
    return [
        Crowd(TenantId(tenant_id), UserId(user_id) if user_id else None, ConfigId(named) if named else None, mails)
        for tenant_id, user_id, named, mails in rows
    ]


def _counted(ids: Iterable[TenantId]) -> dict[TenantId, int]:
    counts: dict[TenantId, int] = {}
    for each in ids:
        counts[each] = counts.get(each, 0) + 1
    return counts
