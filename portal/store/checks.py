"""Knows which configuration is to be checked next, and which of those that somebody uses fail."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.domain.tenancy import TenantStatus
from portal.store.mail_configs import MailConfigRow
from portal.store.profiles import ProfileRow
from portal.store.tenants import TenantRow
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
        .where(TenantRow.path.like(path + "%"), TenantRow.status != TenantStatus.CLOSED.value, fails())
        .distinct()
    )
    return {TenantId(each) for each in rows}


def count_failing(session: Session) -> int:
    """How many configurations in use fail, in the whole portal."""
    return session.scalar(select(func.count()).select_from(MailConfigRow).where(fails())) or 0


def fails() -> ColumnElement[bool]:
    """The condition that a configuration in use fails, and that its people were told."""
    return MailConfigRow.known_to_fail & in_use()


def in_use() -> ColumnElement[bool]:
    """The condition that a company has chosen a configuration, or that it is linked to a person or a profile."""
    return or_(
        *(
            exists().where(pointer == MailConfigRow.id).correlate(MailConfigRow)
            for pointer in (TenantRow.active_config_id, UserRow.linked_config_id, ProfileRow.linked_config_id)
        )
    )
