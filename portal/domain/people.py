"""Knows a person with an account: one address, one tenant, one role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.ids import ConfigId, ProfileId, TenantId, UserId
from portal.domain.profiles import Profile
from portal.domain.roles import Role


class UserStatus(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class User:
    """`email` is canonical (see `addresses`); it is verified once its holder opened a link sent to it.

    `linked_config_id` is the configuration of the same tenant that his mail goes through before all others, or None.
    `language` (ISO 639) and `zone` (of the time zone database) are his own choices; where they are empty, a page speaks
    as his browser asks, a mail as his company does, and times are those of UTC.
    """

    id: UserId
    tenant_id: TenantId
    email: str
    name: str
    role: Role
    status: UserStatus
    created_at: datetime
    linked_config_id: ConfigId | None = None
    language: str = ""
    zone: str = ""
    version: int = 1


PAGE = 50


class UserSort(StrEnum):
    NAME = "name"
    EMAIL = "email"
    ROLE = "role"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which of a tenant's people are asked for: None and an empty text ask for all. `page` counts from 1.

    `is_reversed` puts the last of the order first.
    """

    words: str = ""
    role: Role | None = None
    status: UserStatus | None = None
    profile_id: ProfileId | None = None
    sort: UserSort = UserSort.NAME
    page: int = 1
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class UserLine:
    """One person in the list, his profiles in their order, and what the configuration linked to him is called."""

    user: User
    profiles: tuple[Profile, ...]
    linked_name: str | None


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of people, how many the query found altogether, and how many there are without any filter.

    Around them: all profiles of the company in their order, and what its configurations are called, by name.
    """

    lines: tuple[UserLine, ...]
    found: int
    everybody: int
    number: int
    profiles: tuple[Profile, ...]
    configs: Mapping[ConfigId, str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))
