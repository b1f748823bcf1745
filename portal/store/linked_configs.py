"""Knows to whom configurations are linked, across the rows of people and of profiles."""

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.store.profiles import ProfileRow
from portal.store.users import UserRow


def users_of(session: Session, config_id: ConfigId) -> list[UserRow]:
    """The people to whom a configuration is linked, by name."""
    query = select(UserRow).where(UserRow.linked_config_id == config_id)
    return list(session.scalars(query.order_by(UserRow.name_key, UserRow.id)))


def profiles_of(session: Session, config_id: ConfigId) -> list[ProfileRow]:
    """The profiles to which a configuration is linked, in their order."""
    query = select(ProfileRow).where(ProfileRow.linked_config_id == config_id)
    return list(session.scalars(query.order_by(ProfileRow.position)))


def is_shared(session: Session, config_id: ConfigId) -> bool:
    """Whether a configuration is linked to more than one person, or to a profile."""
    people = select(func.count()).where(UserRow.linked_config_id == config_id)
    groups = select(exists().where(ProfileRow.linked_config_id == config_id))
    return (session.scalar(people) or 0) > 1 or bool(session.scalar(groups))


def unlink_everywhere(session: Session, config_id: ConfigId) -> None:
    """Let go of a configuration that is to be deleted: nothing may point at it then."""
    for table in (UserRow, ProfileRow):
        session.execute(
            update(table)
            .where(table.linked_config_id == config_id)
            .values(linked_config_id=None, version=table.version + 1)
            .execution_options(synchronize_session="fetch")
        )


def unlink_all_of(session: Session, tenant_id: TenantId) -> None:
    for table in (UserRow, ProfileRow):
        session.execute(
            update(table)
            .where(table.tenant_id == tenant_id, table.linked_config_id.is_not(None))
            .values(linked_config_id=None)
            .execution_options(synchronize_session=False)
        )
