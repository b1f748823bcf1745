"""Knows how it is seen, by one statement, that there is anything to do at all, or when there will be."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import Session

from portal.domain.delivery import DUE
from portal.domain.outgoing import Lane
from portal.domain.trial import TrialState
from portal.domain.work import Waiting
from portal.store.db import UtcTime
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.prepared import Prepared
from portal.store.queue_holds import nobody_holds
from portal.store.trials import TrialRow

_NOW = bindparam("now", type_=UtcTime())


def _is_due_in(lane: Lane) -> ColumnElement[bool]:
    """Asked as companies are in their turns, by the same index."""
    due = MessageRow.due_at <= _NOW, MessageRow.expires_at > _NOW
    return exists(select(MessageRow.id).where(MessageRow.lane == lane.value, *due, nobody_holds()))


def _is_trial(state: TrialState) -> ColumnElement[bool]:
    return exists(select(TrialRow.id).where(TrialRow.state == state.value))


def _next_mail() -> tuple[ColumnElement[datetime], ...]:
    """State by state, because that is how the index has them."""
    nexts = (select(func.min(RecipientRow.next_at)).where(RecipientRow.state == state.value) for state in DUE)
    return tuple(each.where(RecipientRow.next_at > _NOW).scalar_subquery() for each in nexts)


_LOOK = Prepared(
    select(
        *(_is_due_in(lane) for lane in Lane),
        _is_trial(TrialState.WAITING),
        exists(select(MailConfigRow.id).where(MailConfigRow.check_at <= _NOW)),
        exists(select(MessageRow.id).where(MessageRow.owner.is_not(None))) | _is_trial(TrialState.RUNNING),
        select(func.min(MailConfigRow.check_at)).where(MailConfigRow.check_at > _NOW).scalar_subquery(),
        *_next_mail(),
    )
)


def waiting(session: Session, now: datetime, *, checks: bool) -> Waiting:
    """What there is to do; `checks` says whether configurations are checked by the clock."""
    found = _LOOK.rows(session, {"now": now})[0]
    lanes, (trial, check, in_hand, next_check, *nexts) = found[: len(Lane)], found[len(Lane) :]
    ahead = [each for each in (next_check if checks else None, *nexts) if each is not None]
    return Waiting(
        frozenset(lane for lane, is_due in zip(Lane, lanes, strict=True) if is_due),
        trial=bool(trial),
        check=checks and bool(check),
        in_hand=bool(in_hand),
        next_in=min(ahead) - now if ahead else None,
    )
