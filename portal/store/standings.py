"""Knows how a company stands as one of its mails is about to leave: itself, its key, what it has selected."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant
from portal.store.db import table_of
from portal.store.mail_configs import MailConfigRow
from portal.store.prepared import Prepared
from portal.store.tenants import WITH_KEY, TenantRow, with_key_from

_CONFIGS = table_of(MailConfigRow)
_VERSION = select(_CONFIGS.c.version).where(_CONFIGS.c.id == TenantRow.active_config_id).scalar_subquery()
_STANDING = Prepared(WITH_KEY.add_columns(_VERSION))


def find(session: Session, tenant_id: TenantId) -> tuple[Tenant, bytes, int | None] | None:
    """A tenant that is not closed, its data key, wrapped, and the version of its active configuration; or None."""
    row = _STANDING.row(session, {"tenant_id": tenant_id})
    if row is None:
        return None
    *columns, version = row
    return *with_key_from(columns), version
