"""Knows the list of a company's configurations, each with whom it serves: one statement."""

from typing import Any

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


def of_tenant(session: Session, tenant: Tenant) -> tuple[ConfigLine, ...]:
    """By name."""
    statement = _WITH_BELOW if tenant.active_config_id else _ALONE
    rows = statement.rows(session, {"tenant_id": tenant.id})
    return tuple([_line(tenant.active_config_id, row) for row in rows])


def _line(active: ConfigId | None, row: tuple[Any, ...]) -> ConfigLine:
    """`below` counts who inherits what the company uses; one more than MOST_COUNTED stands for many."""
    config_id, name, host, port, method, sender, code, at, good_at, until, slowed_to, most, users, profiles, below = row
    speed = None if slowed_to is None else Pace(slowed_to).limit(most)
    encryption = _ENCRYPTIONS[method]
    config = ListedConfig(config_id, name, host, port, encryption, sender, code, at, good_at, until, speed)
    is_active = active is not None and config_id == active
    return ConfigLine(config, is_active, below if is_active else 0, users, profiles)


_SHOWN = (
    "id",
    "name",
    "host",
    "port",
    "encryption",
    "from_address",
    "last_code",
    "last_at",
    "last_good_at",
    "paused_until",
    "slowed_to",
    "per_minute",
)
_ENCRYPTIONS = {each.value: each for each in Encryption}
_TABLE = table_of(MailConfigRow)
# What is linked is of the same company: the keys see to that.
_USERS = select(func.count()).select_from(UserRow).where(UserRow.linked_config_id == _TABLE.c.id)
_PROFILES = select(func.count()).select_from(ProfileRow).where(ProfileRow.linked_config_id == _TABLE.c.id)
_OWN = (
    select(
        *(_TABLE.c[name] for name in _SHOWN),
        _USERS.scalar_subquery().label("linked_users"),
        _PROFILES.scalar_subquery().label("linked_profiles"),
    )
    .where(_TABLE.c.tenant_id == bindparam("tenant_id"))
    .order_by(_TABLE.c.name_key)
)
_BELOW = tenants.inheriting(bindparam("tenant_id"), most=MOST_COUNTED + 1).scalar_subquery()
_ALONE = Prepared(_OWN.add_columns(literal(0).label("below")))
_WITH_BELOW = Prepared(_OWN.add_columns(_BELOW.label("below")))
