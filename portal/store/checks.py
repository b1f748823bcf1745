"""Knows which configuration is to be checked next, and which of those that somebody uses fail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.domain.tenancy import subtree_of
from portal.store.mail_configs import MailConfigRow
from portal.store.profiles import ProfileRow
from portal.store.tenants import CLOSED, TenantRow
from portal.store.users import UserRow


def next_due(session: Session, now: datetime) -> MailConfigRow | None:
    """The configuration whose check is overdue for longest, whether anybody uses it or not."""
    due = select(MailConfigRow).where(MailConfigRow.check_at <= now).order_by(MailConfigRow.check_at)
    return session.scalar(due.limit(1))


def none_later_than(session: Session, latest: datetime) -> None:
    """No check is further away than the time from one to the next."""
    session.execute(update(MailConfigRow).where(MailConfigRow.check_at > latest).values(check_at=latest))


def is_used(session: Session, config_id: ConfigId) -> bool:
    """Whether a company has chosen a configuration, or it is linked to a person or a profile."""
    used = select(exists().where(MailConfigRow.id == config_id, in_use()))
    return bool(session.scalar(used))


def failing_below(session: Session, path: str) -> set[TenantId]:
    """The companies of a subtree of whose own configurations one fails that is in use."""
    rows = session.scalars(
        select(MailConfigRow.tenant_id)
        .join(TenantRow, TenantRow.id == MailConfigRow.tenant_id)
        .where(TenantRow.path.between(*subtree_of(path)), TenantRow.status != CLOSED, fails())
        .distinct()
    )
    return {TenantId(each) for each in rows}


def failing() -> Select[UUID]:
    """Select the companies of whose own configurations one fails that is in use."""
    return select(MailConfigRow.tenant_id).where(fails())


def fails_there() -> ColumnElement[bool]:
    """Whether such a configuration is one of the company of a row."""
    return exists().where(MailConfigRow.tenant_id == TenantRow.id, fails_in(TenantRow)).correlate(TenantRow)


def fails_in(tenants: type[TenantRow]) -> ColumnElement[bool]:
    """Whether a configuration fails that is in use, beside the row of its company."""
    return MailConfigRow.known_to_fail & or_(tenants.active_config_id == MailConfigRow.id, _is_linked())


def fails() -> ColumnElement[bool]:
    """Whether a configuration fails that is in use."""
    return MailConfigRow.known_to_fail & in_use()


def in_use() -> ColumnElement[bool]:
    """By its company, by one of its people, or by one of its profiles; nobody else can use a configuration."""
    chosen = TenantRow.id == MailConfigRow.tenant_id, TenantRow.active_config_id == MailConfigRow.id
    return or_(exists().where(*chosen).correlate(MailConfigRow), _is_linked())


def _is_linked() -> ColumnElement[bool]:
    return or_(
        *(
            exists().where(pointer == MailConfigRow.id).correlate(MailConfigRow)
            for pointer in (UserRow.linked_config_id, ProfileRow.linked_config_id)
        )
    )
