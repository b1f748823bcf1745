"""Knows what the mail log shows of a mail, without its content."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Finding
from portal.domain.ids import MessageId, UserId
from portal.domain.precedence import Rung


@dataclass(frozen=True, slots=True)
class LogLine:
    """One recipient of one mail. `next_at` is when it is tried again, None where it is not.

    `is_own_route` is false where the configuration was inherited: of its outcome those below learn the category only.
    """

    message_id: MessageId
    purpose: str
    subject: str
    recipient: str
    state: State
    code: Code
    created_at: datetime
    settled_at: datetime | None
    next_at: datetime | None
    is_own_route: bool


@dataclass(frozen=True, slots=True)
class LogAttempt:
    """One try. `findings` is empty where the configuration was inherited: its steps are nobody's business below."""

    started_at: datetime
    code: Code
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Everything about one mail. `user_id` is whose it is, if it is somebody's.

    `route_name` is the configuration's name, empty where it is not the tenant's own.
    """

    user_id: UserId | None
    lines: tuple[LogLine, ...]
    trace: tuple[Rung, ...]
    notes: tuple[str, ...]
    attempts: tuple[LogAttempt, ...]
    route_name: str
    is_own_route: bool
