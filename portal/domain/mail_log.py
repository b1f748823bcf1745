"""Knows what the mail log is asked, and what it shows of a mail without its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from portal.domain.delivery import CAN_BE_CANCELLED, CAN_BE_RETRIED, State
from portal.domain.diagnosis import Code, Finding
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId
from portal.domain.outgoing import CARRIES_LINK, Purpose
from portal.domain.precedence import Rung

PAGE = 50
MOST_EXPORTED = 50_000


class LogGroup(StrEnum):
    """States as people ask for them."""

    WAITING = "waiting"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


STATES_OF: Mapping[LogGroup, tuple[State, ...]] = MappingProxyType(
    {
        LogGroup.WAITING: (State.QUEUED, State.DEFERRED, State.LEASED, State.SENDING, State.COMMITTING),
        LogGroup.HELD: (State.HELD,),
        LogGroup.SENT: (State.SENT,),
        LogGroup.FAILED: (State.FAILED, State.EXPIRED, State.CANCELLED, State.QUARANTINED),
        LogGroup.UNCERTAIN: (State.UNCERTAIN,),
    }
)


@dataclass(frozen=True, slots=True)
class LogChoices:
    """What may be asked for: the company's configurations, by name, and whether there is a log below to ask along."""

    configs: Mapping[ConfigId, str]
    sees_below: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """The line after which a page begins."""

    at: datetime
    recipient_id: UUID


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines are asked for: None and an empty text ask for all.

    `since` is the first moment, `until` the first one that is too late. `words` stand in the address or the subject.
    With `below` the companies below are asked, too. The newest stand first, with `is_reversed` the oldest.
    """

    group: LogGroup | None = None
    config_id: ConfigId | None = None
    user_id: UserId | None = None
    purpose: Purpose | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    below: bool = False
    after: Cursor | None = None
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    """One recipient of one mail. `next_at` is when it is tried again, None where it is not.

    `is_own_route` is false where the configuration was inherited: of its outcome those below learn the category only.
    """

    tenant_id: TenantId
    tenant_name: str
    message_id: MessageId
    user_id: UserId | None
    purpose: str
    subject: str
    recipient: str
    recipient_id: UUID
    state: State
    code: Code
    created_at: datetime
    settled_at: datetime | None
    next_at: datetime | None
    is_own_route: bool

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.created_at, self.recipient_id)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values; what went through an inherited configuration tells no code of its server."""
        return {
            "company": self.tenant_name,
            "mail": str(self.message_id),
            "purpose": self.purpose,
            "subject": self.subject,
            "to": self.recipient,
            "state": self.state.value,
            "code": self.code.value if self.is_own_route or self.code is Code.OK else None,
            "created": self.created_at.isoformat(),
            "settled": self.settled_at.isoformat() if self.settled_at else None,
            "next_try": self.next_at.isoformat() if self.next_at else None,
        }


@dataclass(frozen=True, slots=True)
class LogAttempt:
    """One try. `findings` is empty where the configuration was inherited: its steps are nobody's business below."""

    started_at: datetime
    code: Code
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Everything about one mail. `user_id` is whose it is, if it is somebody's.

    `route_name` is the configuration's name, empty where it is not the tenant's own. `has_content` says whether it
    could still be sent.
    """

    user_id: UserId | None
    lines: tuple[LogLine, ...]
    trace: tuple[Rung, ...]
    notes: tuple[str, ...]
    attempts: tuple[LogAttempt, ...]
    route_name: str
    is_own_route: bool
    has_content: bool

    @property
    def carries_link(self) -> bool:
        return self.lines[0].purpose in CARRIES_LINK

    @property
    def can_be_retried(self) -> bool:
        """Whether somebody stands to get it who has not got it, and it still is there and may be sent as it was."""
        is_missed = any(line.state in CAN_BE_RETRIED for line in self.lines)
        return self.has_content and not self.carries_link and not self.is_held_back and is_missed

    @property
    def is_held_back(self) -> bool:
        """Whether the operator holds it: then only he lets it go."""
        return any(line.state is State.HELD and line.code is Code.HELD_BACK for line in self.lines)

    @property
    def can_be_cancelled(self) -> bool:
        return any(line.state in CAN_BE_CANCELLED for line in self.lines)

    @property
    def may_have_arrived(self) -> bool:
        return any(line.code is Code.UNKNOWN for line in self.lines)
