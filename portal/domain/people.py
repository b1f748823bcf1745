"""Knows a person with an account: one address, one tenant, one role."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.ids import ConfigId, TenantId, UserId
from portal.domain.roles import Role


class UserStatus(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class User:
    """`email` is canonical (see `addresses`); it is verified once its holder opened a link sent to it.

    `linked_config_id` is the configuration of the same tenant that his mail goes through before all others, or None.
    """

    id: UserId
    tenant_id: TenantId
    email: str
    name: str
    role: Role
    status: UserStatus
    created_at: datetime
    linked_config_id: ConfigId | None = None
    version: int = 1
