"""Knows the list of a company's configurations, each with whom it serves: one statement."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import Session

from portal.domain.ids import ConfigId
from portal.domain.mail_config import Encryption
from portal.domain.overview import MOST_COUNTED, ConfigLine, ListedConfig
from portal.domain.pace import Pace
from portal.domain.tenancy import Tenant
from portal.store import tenants
from portal.store.db import table_of
from portal.store.mail_configs import MailConfigRow
from portal.store.prepared import Prepared
from portal.store.profiles import ProfileRow
from portal.store.users import UserRow


class _Values(NamedTuple):
    """The columns of a configuration that the list shows."""

    id: UUID
    name: str
    host: str
    port: int
    encryption: str
    from_address: str
    per_minute: int
    last_code: str | None
    last_at: datetime | None
    last_good_at: datetime | None
    paused_until: datetime | None
    slowed_to: float | None


def of_tenant(session: Session, tenant: Tenant) -> tuple[ConfigLine, ...]:
    """By name."""
    statement = _WITH_BELOW if tenant.active_config_id else _ALONE
    rows = statement.rows(session, {"tenant_id": tenant.id})
    return tuple([_line(tenant, *row[-3:], _Values._make(row[:-3])) for row in rows])


def _line(tenant: Tenant, users: int, profiles: int, below: int, values: _Values) -> ConfigLine:
    """`below` counts who inherits what the company uses; one more than MOST_COUNTED stands for many."""
    is_active = tenant.active_config_id is not None and tenant.active_config_id == values.id
    return ConfigLine(_config(values), is_active, below if is_active else 0, users, profiles)


def _config(values: _Values) -> ListedConfig:
    slowed_to = values.slowed_to
    return ListedConfig(
        ConfigId(values.id),
        values.name,
        values.host,
        values.port,
        _ENCRYPTIONS[values.encryption],
        values.from_address,
        values.last_code,
        values.last_at,
        values.last_good_at,
        values.paused_until,
        Pace(slowed_to).limit(values.per_minute) if slowed_to is not None else None,
    )


_ENCRYPTIONS = {each.value: each for each in Encryption}
_TABLE = table_of(MailConfigRow)
# What is linked is of the same company: the keys see to that.
_USERS = select(func.count()).select_from(UserRow).where(UserRow.linked_config_id == _TABLE.c.id)
_PROFILES = select(func.count()).select_from(ProfileRow).where(ProfileRow.linked_config_id == _TABLE.c.id)
_OWN = (
    select(
        *(_TABLE.c[name] for name in _Values._fields),
        _USERS.scalar_subquery().label("linked_users"),
        _PROFILES.scalar_subquery().label("linked_profiles"),
    )
    .where(_TABLE.c.tenant_id == bindparam("tenant_id"))
    .order_by(_TABLE.c.name_key)
)
_BELOW = tenants.inheriting(bindparam("tenant_id"), most=MOST_COUNTED + 1).scalar_subquery()
_ALONE = Prepared(_OWN.add_columns(literal(0).label("below")))
_WITH_BELOW = Prepared(_OWN.add_columns(_BELOW.label("below")))
