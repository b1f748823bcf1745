"""Knows what closing a company means: its secrets are shredded, its people stay out, its names are free."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.delivery import State
from portal.domain.ids import UserId
from portal.domain.people import UserStatus
from portal.domain.tenancy import Tenant, TenantStatus
from portal.store import (
    brand_hosts,
    brandings,
    contacts,
    erasure,
    linked_configs,
    mail_configs,
    outbox,
    sign_ins,
    tenants,
    trials,
    users,
    waiting,
)

_LONGEST_KEY = 360


def close(session: Session, tenant: Tenant, now: datetime) -> None:
    """Close a company within an open transaction. Its rows stay, because the logs name them."""
    row = tenants.get_row(session, tenant.id)
    row.status, row.active_config_id = TenantStatus.CLOSED.value, None
    # The name is free again for somebody else; without the data key nothing of it opens any more.
    row.name_key, row.data_key = _freed(str(row.label), row.name_key), b""
    session.flush()
    linked_configs.unlink_all_of(session, tenant.id)
    mail_configs.delete_all_of(session, tenant.id)
    contacts.delete_all_of(session, tenant.id)
    brand_hosts.delete_all_of(session, tenant.id)
    brandings.delete_of(session, tenant.id)
    for user in users.rows_of(session, tenant.id):
        user.status, user.email_key = UserStatus.DISABLED.value, _freed(user.id.hex, user.email_key)
        sign_ins.end_all_of(session, UserId(user.id))
        sign_ins.drop_links_of(session, UserId(user.id))
    for recipient in waiting.of_tenant(session, tenant.id):
        outbox.move(recipient, State.CANCELLED)
        recipient.settled_at = now
    outbox.end_all_of(session, tenant.id, now)
    trials.forget_passwords_of(session, tenant.id)
    erasure.promise(session)


def _freed(mark: str, key: str) -> str:
    """A key that stands in nobody's way: no name and no address has a line end in it."""
    return f"{mark}\n{key}"[:_LONGEST_KEY]
