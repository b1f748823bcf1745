"""Knows how it is seen, by one statement, that there is anything to do at all."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from portal.domain.outgoing import Lane
from portal.domain.trial import TrialState
from portal.domain.work import Waiting
from portal.store.db import UtcTime
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow
from portal.store.prepared import Prepared
from portal.store.queue_holds import nobody_holds
from portal.store.trials import TrialRow

_NOW = bindparam("now", type_=UtcTime())


def _is_due_in(lane: Lane) -> ColumnElement[bool]:
    """Asked as companies are in their turns, by the same index."""
    due = MessageRow.due_at <= _NOW, MessageRow.expires_at > _NOW
    return exists(select(MessageRow.id).where(MessageRow.lane == lane.value, *due, nobody_holds()))


_LOOK = Prepared(
    select(
        *(_is_due_in(lane) for lane in Lane),
        exists(select(TrialRow.id).where(TrialRow.state == TrialState.WAITING.value)),
        exists(select(MailConfigRow.id).where(MailConfigRow.check_at <= _NOW)),
    )
)


def waiting(session: Session, now: datetime) -> Waiting:
    """What there is to do."""
    *lanes, trial, check = _LOOK.rows(session, {"now": now})[0]
    due = frozenset(lane for lane, is_due in zip(Lane, lanes, strict=True) if is_due)
    return Waiting(due, trial=bool(trial), check=bool(check))
