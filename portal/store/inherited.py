"""Knows how what stands above a company is read by one statement: its lineage, and how what each level uses does."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId
from portal.domain.tenancy import Tenant
from portal.store import tenants
from portal.store.db import once
from portal.store.mail_configs import MailConfigRow
from portal.store.prepared import Prepared
from portal.store.tenants import TenantRow


@dataclass(frozen=True, slots=True)
class State:
    """How a configuration does that somebody inherits."""

    sender: str
    last_code: str | None
    last_at: datetime | None


def states_of(session: Session, tenant: Tenant) -> dict[ConfigId, State]:
    """What the tenant and each company above it use; in a reading, the lineage is known from then on."""
    return once(session, ("states", tenant.id), lambda: _states_of(session, tenant))


def _states_of(session: Session, tenant: Tenant) -> dict[ConfigId, State]:
    rows = _STATES.rows(session, {"tenant_id": tenant.id})
    tenants.remember_lineage(session, [tenants.from_values(row[: -len(_STATE)]) for row in rows])
    states = (row[-len(_STATE) :] for row in rows)
    return {ConfigId(config_id): State(sender, code, at) for config_id, sender, code, at in states if config_id}


_STATE = MailConfigRow.id, MailConfigRow.from_address, MailConfigRow.last_code, MailConfigRow.last_at
_STATES = Prepared(
    tenants.LINEAGE.add_columns(*_STATE).outerjoin(MailConfigRow, MailConfigRow.id == TenantRow.active_config_id)
)
