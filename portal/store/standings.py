"""Knows how a company stands as one of its mails comes in or is about to leave: itself, its key, what it selected."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.mail_config import Draft
from portal.domain.tenancy import Tenant
from portal.store.db import table_of
from portal.store.mail_configs import DRAFT_COLUMNS, MailConfigRow
from portal.store.prepared import Prepared
from portal.store.tenants import WITH_KEY, TenantRow, with_key_from
from portal.store.usable_configs import draft_of

_CONFIGS = table_of(MailConfigRow)
_VERSION = select(_CONFIGS.c.version).where(_CONFIGS.c.id == TenantRow.active_config_id).scalar_subquery()
_STANDING = Prepared(WITH_KEY.add_columns(_VERSION))
_WITH_DRAFT = Prepared(
    WITH_KEY.add_columns(*(_CONFIGS.c[name] for name in DRAFT_COLUMNS)).outerjoin(
        _CONFIGS, _CONFIGS.c.id == TenantRow.active_config_id
    )
)


def find(session: Session, tenant_id: TenantId) -> tuple[Tenant, bytes, int | None] | None:
    """A tenant that is not closed, its data key, wrapped, and the version of its active configuration; or None."""
    row = _STANDING.row(session, {"tenant_id": tenant_id})
    if row is None:
        return None
    *columns, version = row
    return *with_key_from(columns), version


def find_with_draft(session: Session, tenant_id: TenantId) -> tuple[Tenant, bytes, Draft | None] | None:
    """The same with what its active configuration says, None where it has none, instead of the version."""
    row = _WITH_DRAFT.row(session, {"tenant_id": tenant_id})
    if row is None:
        return None
    tenant, data_key = with_key_from(row[: -len(DRAFT_COLUMNS)])
    return tenant, data_key, draft_of(tuple(row[-len(DRAFT_COLUMNS) :])) if tenant.active_config_id else None
