"""Knows a person with an account: one address, one tenant, one role."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.ids import TenantId, UserId
from portal.domain.roles import Role


class UserStatus(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class User:
    """`email` is canonical (see `addresses`); it is verified once its holder opened a link sent to it."""

    id: UserId
    tenant_id: TenantId
    email: str
    name: str
    role: Role
    status: UserStatus
    created_at: datetime
