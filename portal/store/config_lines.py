"""Knows the list of a company's configurations, each with whom it serves: one statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import Session

from portal.domain.mail_config import MailConfig
from portal.domain.overview import MOST_COUNTED
from portal.domain.tenancy import Tenant
from portal.store import mail_configs, tenants
from portal.store.db import at_once, table_of
from portal.store.mail_configs import MailConfigRow
from portal.store.profiles import ProfileRow
from portal.store.users import UserRow


@dataclass(frozen=True, slots=True)
class Line:
    """`below` counts the tenants that inherit what the company uses; one more than MOST_COUNTED stands for many."""

    config: MailConfig
    users: int
    profiles: int
    below: int


def of_tenant(session: Session, tenant: Tenant) -> list[Line]:
    """By name."""
    statement = _WITH_BELOW if tenant.active_config_id else _ALONE
    rows: Any = at_once(session, statement, {"tenant_id": tenant.id})
    return [Line(mail_configs.as_domain(row), row.linked_users, row.linked_profiles, row.below) for row in rows]


_TABLE = table_of(MailConfigRow)
# What is linked is of the same company: the keys see to that.
_USERS = select(func.count()).select_from(UserRow).where(UserRow.linked_config_id == _TABLE.c.id)
_PROFILES = select(func.count()).select_from(ProfileRow).where(ProfileRow.linked_config_id == _TABLE.c.id)
_OWN = (
    select(
        *_TABLE.c, _USERS.scalar_subquery().label("linked_users"), _PROFILES.scalar_subquery().label("linked_profiles")
    )
    .where(_TABLE.c.tenant_id == bindparam("tenant_id"))
    .order_by(_TABLE.c.name_key)
)
_ALONE = _OWN.add_columns(literal(0).label("below"))
_BELOW = tenants.inheriting(bindparam("tenant_id"), most=MOST_COUNTED + 1).scalar_subquery()
_WITH_BELOW = _OWN.add_columns(_BELOW.label("below"))
