"""Knows what the operator sees of the whole queue, and what he may do with a mail that waits in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from portal.domain.delivery import NEEDS_CONTENT, State, judge
from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, TenantId
from portal.domain.mail_log import Cursor, LogLine
from portal.domain.outgoing import CARRIES_LINK, Lane

PAGE = 50


@dataclass(frozen=True, slots=True)
class Hold:
    """The whole queue is held: nothing is taken in hand. `held_by` is empty for the command line."""

    since: datetime
    held_by: str


class QueueStep(StrEnum):
    """What the operator does with one mail."""

    HOLD = "hold"
    RELEASE = "release"
    RETRY = "retry"
    CANCEL = "cancel"


# Mail that waits or needs a person; what is in somebody's hands is done in a moment.
OPEN = (State.QUEUED, State.DEFERRED, State.HELD, State.UNCERTAIN, State.QUARANTINED)
# Of what is uncertain the hold only says that a person decides whether it is sent again.
CAN_BE_HELD = frozenset({State.QUEUED, State.DEFERRED, State.UNCERTAIN})
_STEPS: Mapping[State, frozenset[QueueStep]] = MappingProxyType(
    {
        State.QUEUED: frozenset({QueueStep.HOLD, QueueStep.CANCEL}),
        State.DEFERRED: frozenset({QueueStep.RETRY, QueueStep.HOLD, QueueStep.CANCEL}),
        State.HELD: frozenset({QueueStep.RELEASE, QueueStep.CANCEL}),
        State.UNCERTAIN: frozenset({QueueStep.HOLD}),
        State.QUARANTINED: frozenset({QueueStep.RETRY, QueueStep.CANCEL}),
    }
)


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """Which mail is asked for; None asks for all of it. The oldest stands first, with `is_reversed` the newest."""

    lane: Lane | None = None
    state: State | None = None
    after: Cursor | None = None
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One recipient of a mail that waits. `is_in_hand` is true while somebody works at the mail for another one."""

    mail: LogLine
    lane: Lane
    has_content: bool
    is_in_hand: bool

    @property
    def steps(self) -> tuple[QueueStep, ...]:
        """What may be done with the mail, in the order of the buttons."""
        if self.is_in_hand:
            return ()
        can_be_sent_again = self.has_content and self.mail.purpose not in CARRIES_LINK
        allowed = _STEPS.get(self.mail.state, frozenset()) - (frozenset() if can_be_sent_again else {QueueStep.RETRY})
        return tuple(step for step in QueueStep if step in allowed)


class Carrier(StrEnum):
    """Through what a mail goes: nobody knows before it is taken in hand for the first time."""

    CONFIG = "config"
    INSTANCE_DEFAULT = "instance-default"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one configuration: how many recipients, the oldest mail, and how its server does.

    `name` and `tenant_name` are empty where the configuration was deleted, and where it is none of a company's.
    `slowed_to` is how many mails a minute leave while the server asks for less.
    """

    carrier: Carrier
    config_id: ConfigId | None
    name: str
    tenant_id: TenantId | None
    tenant_name: str
    recipients: int
    oldest: datetime
    paused_until: datetime | None
    last_code: Code | None
    last_at: datetime | None
    slowed_to: int | None


class Span(StrEnum):
    """How far back the picture of deliveries looks: a day by the hour, or a fortnight by the day."""

    DAY = "day"
    FORTNIGHT = "fortnight"

    def edges(self, now: datetime) -> list[datetime]:
        """The bounds of its parts, one more than there are parts; the last part holds the moment itself."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        last, width, count = (
            (hour, timedelta(hours=1), 24) if self is Span.DAY else (hour.replace(hour=0), timedelta(days=1), 14)
        )
        return [last + width * number for number in range(1 - count, 2)]


@dataclass(frozen=True, slots=True)
class Tally:
    """How the attempts of one part of a span ended. `put_off` is what was neither delivered nor refused for good."""

    since: datetime
    delivered: int
    failed: int
    put_off: int

    @property
    def total(self) -> int:
        return self.delivered + self.failed + self.put_off


def tally(edges: Sequence[datetime], counts: Sequence[tuple[int, Code, int]]) -> list[Tally]:
    """Sum (part, code, attempts) up. An attempt that was let go before the end was none."""
    sums = [dict.fromkeys((State.SENT, State.FAILED, State.DEFERRED), 0) for _ in edges[1:]]
    for part, code, number in counts:
        if code is not Code.LET_GO:
            state = judge(code, attempts=1).state
            sums[part][state if state in {State.SENT, State.FAILED} else State.DEFERRED] += number
    return [
        Tally(since, each[State.SENT], each[State.FAILED], each[State.DEFERRED])
        for since, each in zip(edges, sums, strict=False)
    ]


def open_states(asked: State | None) -> tuple[State, ...]:
    return OPEN if asked is None else (asked,)


BACKLOG_STATES = tuple(state for state in State if state in NEEDS_CONTENT)
