"""Knows a profile: a group of one tenant's users, under a name and with a place in the order of all its profiles."""

from dataclasses import dataclass

from portal.domain.ids import ConfigId, ProfileId, TenantId

FIRST_ORDER = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """`order` decides where a user has several: the lowest number is asked first, and no two of a tenant are equal.

    `linked_config_id` is the configuration of the same tenant that mail of its users goes through, or None.
    """

    id: ProfileId
    tenant_id: TenantId
    name: str
    order: int
    linked_config_id: ConfigId | None
    version: int


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One profile in the list, how many users are in it, and what the configuration linked to it is called."""

    profile: Profile
    members: int
    linked_name: str | None
