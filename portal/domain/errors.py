"""Knows every refusal the rules can give. Each has a stable code; the doors turn codes into sentences."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class PortalError(Exception):
    """A refusal with a stable code that a door can translate."""

    code = "refused"


class NotFoundError(PortalError):
    """It does not exist, or the actor may not know that it does: the two are the same answer."""

    code = "not-found"


class ForbiddenError(PortalError):
    """The actor may see the place but not do this there."""

    code = "forbidden"


class SuspendedError(PortalError):
    """The tenant, or one above it, is suspended: look, but change nothing."""

    code = "tenant-suspended"


class ConflictError(PortalError):
    """Somebody else changed the record since the actor loaded it."""

    code = "changed-meanwhile"


class TooManyError(PortalError):
    """A limit is reached.

    `retry_after` is the number of seconds after which the same request can succeed.
    """

    code = "too-many"

    def __init__(self, limit: str, retry_after: int) -> None:
        super().__init__(limit)
        self.limit = limit
        self.retry_after = retry_after


class DestinationsSpentError(TooManyError):
    """A tenant has tried as many servers as it may for now. `server` is the one that was to be next."""

    def __init__(self, limit: str, retry_after: int, server: str) -> None:
        super().__init__(limit, retry_after)
        self.server = server


class Trouble(StrEnum):
    """Why the database serves nobody right now: no room, no writing, nobody there, or too many others who write."""

    FULL = "full"
    READ_ONLY = "read-only"
    GONE = "gone"
    BUSY = "busy"


class UnavailableError(PortalError):
    """The database could not do what was asked, and did nothing of it; what can be read can still be read."""

    code = "unavailable"
    trouble: Trouble = Trouble.GONE


class BusyError(UnavailableError):
    """Others were in the way for too long; the same request can succeed in a moment."""

    trouble = Trouble.BUSY


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: its name, a stable code, and values for the sentence."""

    field: str
    code: str
    values: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class InvalidError(PortalError):
    """One or more fields break their rules."""

    code = "invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in self.problems))
