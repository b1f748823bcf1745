"""Knows which configuration applies to a message, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.domain.ids import ConfigId


class Source(StrEnum):
    """The rungs of the ladder, nearest first."""

    NAMED = "named"
    USER = "user"
    PROFILE = "profile"
    TENANT = "tenant"
    PROVIDER_DEFAULT = "provider_default"
    INSTANCE = "instance"


class Reason(StrEnum):
    """Why a rung was passed over. Only absence passes the question on."""

    NONE_NAMED = "none_named"
    NOT_LINKED = "not_linked"
    IN_NO_PROFILE = "in_no_profile"
    STAYS_ON_DEFAULT = "stays_on_default"
    NOT_CONFIGURED = "not_configured"
    ITS_SUBJECT = "its_subject"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a rung offers: a stored configuration, or with `config_id` None the instance default."""

    config_id: ConfigId | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rung as it stands now: `place` names its user, profile or tenant; `choice` is None if absent.

    The rung of a user who is in no profile at all has a `place` that names none. `is_subject` marks a configuration
    that the mail is about: whether that works is the very question, so the mail goes as if it were absent.
    """

    source: Source
    place: str
    choice: Choice | None
    is_subject: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of the trace: `reason` is None for the rung that was taken."""

    source: Source
    place: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer with its reasons. `choice` is None when nothing applies: the message is held, never dropped."""

    choice: Choice | None
    trace: tuple[Rung, ...]

    @property
    def source(self) -> Source | None:
        return self.trace[-1].source if self.choice is not None else None


def resolve(candidates: Iterable[Candidate]) -> Resolution:
    """Walk the candidates from nearest to farthest; the first one that offers a configuration wins."""
    passed_over: list[Rung] = []
    for candidate in candidates:
        if candidate.choice is not None:
            taken = Rung(candidate.source, candidate.place, None)
            return Resolution(candidate.choice, (*passed_over, taken))
        passed_over.append(Rung(candidate.source, candidate.place, why_passed_over(candidate)))
    return Resolution(None, tuple(passed_over))


def without_subject(candidates: Iterable[Candidate], config_id: ConfigId) -> Iterator[Candidate]:
    """The same rungs for a mail about this configuration."""
    for each in candidates:
        yield replace(each, choice=None, is_subject=True) if each.choice == Choice(config_id) else each


def seen_from_below(trace: tuple[Rung, ...]) -> tuple[Rung, ...]:
    """The trace as the tenant itself may know it: above it stands its direct parent, and nothing further up."""
    for position, rung in enumerate(trace):
        if rung.source is Source.PROVIDER_DEFAULT:
            was_taken = trace[-1].reason is None
            return (*trace[:position], Rung(rung.source, rung.place, None if was_taken else rung.reason))
    return trace


def why_passed_over(candidate: Candidate) -> Reason:
    """Why a rung that offers nothing passes the question on."""
    if candidate.is_subject:
        return Reason.ITS_SUBJECT
    match candidate.source:
        case Source.NAMED:
            return Reason.NONE_NAMED
        case Source.PROFILE if not candidate.place:
            return Reason.IN_NO_PROFILE
        case Source.USER | Source.PROFILE:
            return Reason.NOT_LINKED
        case Source.TENANT | Source.PROVIDER_DEFAULT:
            return Reason.STAYS_ON_DEFAULT
        case Source.INSTANCE:
            return Reason.NOT_CONFIGURED
