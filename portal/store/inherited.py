"""Knows how what stands above a company is read by one statement: its lineage, and how what each level uses does."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId, TenantId
from portal.domain.tenancy import Tenant
from portal.store import sender_policies, tenants
from portal.store.db import once
from portal.store.mail_configs import MailConfigRow
from portal.store.prepared import Prepared
from portal.store.tenants import TenantRow


@dataclass(frozen=True, slots=True)
class State:
    """How a configuration does that somebody inherits. Its name is for those who may look into its company."""

    name: str
    sender: str
    last_code: str | None
    last_at: datetime | None


def states_of(session: Session, tenant: Tenant) -> dict[ConfigId, State]:
    """What the tenant and each company above it use.

    In a reading, the lineage and what each of it decided of the senders and the language of its mails are known from
    then on.
    """
    return once(session, ("states", tenant.id), lambda: _states_of(session, tenant))


def _states_of(session: Session, tenant: Tenant) -> dict[ConfigId, State]:
    rows = _STATES.rows(session, {"tenant_id": tenant.id})
    lineage = tenants.remember_lineage(session, [tenants.from_values(row[: -len(_MORE)]) for row in rows])
    more = [(TenantId(row[0]), *row[-len(_MORE) :]) for row in rows]
    sender_policies.remember(
        session, lineage, {company: (domains, language) for company, domains, language, *_ in more}
    )
    return {ConfigId(config_id): State(*state) for _, _, _, config_id, *state in more if config_id}


_MORE = (
    *(TenantRow.sender_domains, TenantRow.mail_language),
    *(MailConfigRow.id, MailConfigRow.name, MailConfigRow.from_address, MailConfigRow.last_code, MailConfigRow.last_at),
)
_STATES = Prepared(
    tenants.LINEAGE.add_columns(*_MORE).outerjoin(MailConfigRow, MailConfigRow.id == TenantRow.active_config_id)
)
