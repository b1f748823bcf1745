"""Knows a profile: a group of one tenant's users, under a name and with a place in the order of all its profiles."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

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
    """One profile in the list, how many users are in it, and what the configuration linked to it is called.

    `place` counts the profiles of the tenant from 1 in the order in which they are asked.
    """

    profile: Profile
    members: int
    linked_name: str | None
    place: int


class ProfileSort(StrEnum):
    ORDER = "order"
    NAME = "name"
    PEOPLE = "people"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class ProfileQuery:
    """How the list stands. `is_reversed` puts the last of the order first."""

    sort: ProfileSort = ProfileSort.ORDER
    is_reversed: bool = False

    @property
    def is_as_asked(self) -> bool:
        """Whether the profiles stand as they are asked, so that one can change places with the one above it."""
        return self.sort is ProfileSort.ORDER and not self.is_reversed


def arranged(lines: Iterable[ProfileLine], query: ProfileQuery) -> list[ProfileLine]:
    """The lines as a query wants them; equal ones stand as they are asked, and those without a configuration last."""

    def key(line: ProfileLine) -> tuple[bool, str, int, int]:
        match query.sort:
            case ProfileSort.NAME:
                return False, line.profile.name.casefold(), 0, line.place
            case ProfileSort.PEOPLE:
                return False, "", line.members, line.place
            case ProfileSort.CONFIG:
                return line.linked_name is None, (line.linked_name or "").casefold(), 0, line.place
            case ProfileSort.ORDER:
                return False, "", 0, line.place

    return sorted(lines, key=key, reverse=query.is_reversed)
