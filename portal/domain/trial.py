"""Knows a trial: a test mail or a check that somebody asked for, and what it found (on screen: a test mail)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.diagnosis import Code, Finding
from portal.domain.ids import ConfigId, TenantId, TrialId, UserId
from portal.domain.mail_config import Draft
from portal.domain.precedence import Rung

HARD_STOP = timedelta(seconds=30)
# After this long without being taken up, the page says that no worker runs.
WORKER_IS_MISSING_AFTER = timedelta(seconds=5)


class TrialSource(StrEnum):
    """What is tried: a saved configuration, the unsaved form, or whatever applies to a user or a tenant."""

    SAVED = "saved"
    DRAFT = "draft"
    ADHOC = "adhoc"
    TENANT = "tenant"
    USER = "user"


class Verb(StrEnum):
    CHECK = "check"
    SEND = "send"


class TrialState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as its requester may see it. `draft` is the unsaved form; `tried` is that, or what is saved now.

    `for_user_id` is whose mail was tried, where that is not the requester's own.
    For an inherited configuration `findings`, `transcript`, `trace`, `draft` and `tried` are empty: only the outcome
    is told.
    """

    id: TrialId
    tenant_id: TenantId
    source: TrialSource
    verb: Verb
    recipient: str
    config_id: ConfigId | None
    state: TrialState
    code: Code
    inherited: bool
    draft: Draft | None
    tried: Draft | None
    keeps_password: bool
    findings: tuple[Finding, ...]
    transcript: tuple[str, ...]
    notes: tuple[str, ...]
    trace: tuple[Rung, ...]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    for_user_id: UserId | None = None

    @property
    def is_running(self) -> bool:
        return self.state is not TrialState.DONE

    def worker_is_missing(self, now: datetime) -> bool:
        return self.state is TrialState.WAITING and now - self.created_at > WORKER_IS_MISSING_AFTER
