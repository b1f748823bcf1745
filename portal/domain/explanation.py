"""Knows how the way of a mail is explained: every rung with its standing, and what would be if something changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, UserId
from portal.domain.outgoing import LEADS_IN, Mailbox, Purpose
from portal.domain.people import User, UserStatus
from portal.domain.precedence import Candidate, Choice, Reason, Source, why_passed_over
from portal.domain.sender import Signature
from portal.domain.templates import Origin
from portal.domain.tenancy import Tenant

Shape = dict[str, Any]


class Standing(StrEnum):
    """What became of a rung. Only the first one that offers a configuration is taken."""

    TAKEN = "taken"
    PASSED_OVER = "passed-over"
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True)
class Question:
    """Whose mail, and for what. Without `user_id` it is nobody's in particular; `sender` is one the mail brings."""

    user_id: UserId | None = None
    purpose: Purpose = Purpose.MESSAGE
    sender: Mailbox | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be asked about in a company, each in its order.

    Its configurations, the names of the profiles that have one linked, and the first of its people with addresses.
    """

    configs: Mapping[ConfigId, str]
    profiles: tuple[str, ...]
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Changes that are only imagined, all at once.

    `unlinked_profiles` are names. `selected` is another active configuration, `stays_on_default` none at all;
    `deleted` is gone from wherever it was linked or selected.
    """

    unlinked_user: bool = False
    unlinked_profiles: frozenset[str] = frozenset()
    selected: ConfigId | None = None
    stays_on_default: bool = False
    deleted: ConfigId | None = None

    def applied(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The rungs as they would stand then."""
        return [self._imagined(candidate) for candidate in candidates]

    def _imagined(self, rung: Candidate) -> Candidate:
        choice = rung.choice
        if self._lets_go_of(rung):
            choice = None
        if rung.source is Source.TENANT and self.selected is not None:
            choice = Choice(self.selected)
        if choice is not None and choice.config_id is not None and choice.config_id == self.deleted:
            choice = None
        return replace(rung, choice=choice)

    def _lets_go_of(self, rung: Candidate) -> bool:
        match rung.source:
            case Source.USER:
                return self.unlinked_user
            case Source.PROFILE:
                return rung.place in self.unlinked_profiles
            case Source.TENANT:
                return self.stays_on_default
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder. `reason` is set where it was passed over; `config` names what it offers, if that may be
    known.
    """

    source: Source
    place: str
    standing: Standing
    reason: Reason | None
    config: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which configuration a mail goes through and why, as far as somebody may know it.

    `config` is its name, empty where it is not his to know; `signature` is None where nothing applies, and its sender
    has no address where the level above hides that. Its notes say what does not come from the configuration; `words`
    whose wording the mail has, if that can be chosen. `obstacle` is OK, or why the mail would wait all the same;
    `is_shut_out` says that the user is disabled and the mail, which would lead him in, is not sent at all.
    """

    tenant: Tenant
    user: User | None
    question: Question
    ladder: tuple[Step, ...]
    source: Source | None
    config: str
    is_inherited: bool
    signature: Signature | None
    words: Origin | None
    obstacle: Code

    @property
    def is_shut_out(self) -> bool:
        is_disabled = self.user is not None and self.user.status is UserStatus.DISABLED
        return is_disabled and self.question.purpose in LEADS_IN

    def as_json(self) -> Shape:
        """The same as plain values that JSON can carry."""
        return {
            "company": {"id": str(self.tenant.id), "name": self.tenant.name},
            "user": _shape_of_user(self.user),
            "purpose": self.question.purpose.value,
            "state": self.obstacle.value,
            "shut_out": self.is_shut_out,
            "source": self.source.value if self.source else None,
            "configuration": self.config or None,
            "inherited": self.is_inherited,
            "from": _shape_of_mailbox(self.signature.sender if self.signature else None),
            "reply_to": _shape_of_mailbox(self.signature.reply_to if self.signature else None),
            "notes": list(self.signature.notes if self.signature else ()),
            "words": self.words.value if self.words else None,
            "ladder": [_shape_of_step(step) for step in self.ladder],
        }


def ladder(candidates: Sequence[Candidate], names: Mapping[ConfigId, str]) -> tuple[Step, ...]:
    """Every rung in its order, also those below the one that is taken. `names` are the configurations' names."""
    steps: list[Step] = []
    is_found = False
    for rung in candidates:
        config = names.get(rung.choice.config_id, "") if rung.choice and rung.choice.config_id else ""
        if is_found:
            steps.append(Step(rung.source, rung.place, Standing.NOT_REACHED, None, config))
        elif rung.choice is None:
            steps.append(Step(rung.source, rung.place, Standing.PASSED_OVER, why_passed_over(rung), ""))
        else:
            is_found = True
            steps.append(Step(rung.source, rung.place, Standing.TAKEN, None, config))
    return tuple(steps)


def seen_up_to(steps: tuple[Step, ...], *, companies: int) -> tuple[Step, ...]:
    """The ladder for somebody who may look into that many of the companies above; the rest is one rung.

    What is above those is named by the nearest of them and tells whether something there is used, and no more.
    """
    above = [position for position, step in enumerate(steps) if step.source is Source.PROVIDER_DEFAULT]
    if companies >= len(above):
        return steps
    hidden = steps[above[companies] :]
    standing = next((step.standing for step in hidden if step.standing is not Standing.PASSED_OVER), hidden[0].standing)
    first = replace(hidden[0], standing=standing, config="")
    return (*steps[: above[companies]], first if standing is Standing.PASSED_OVER else replace(first, reason=None))


def _shape_of_user(user: User | None) -> Shape | None:
    return None if user is None else {"id": str(user.id), "name": user.name, "email": user.email}


def _shape_of_mailbox(mailbox: Mailbox | None) -> Shape | None:
    """Nothing where there is no mailbox, or its address is hidden."""
    return {"name": mailbox.name, "address": mailbox.address} if mailbox and mailbox.address else None


def _shape_of_step(step: Step) -> Shape:
    return {
        "rung": step.source.value,
        "place": step.place,
        "standing": step.standing.value,
        "reason": step.reason.value if step.reason else None,
        "configuration": step.config or None,
    }
