"""Knows the figures of the whole queue: one statement for everything that is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    String,
    bindparam,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from portal.domain.delivery import NEEDS_CONTENT, State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Lane
from portal.domain.queue import Hold
from portal.store import checks, turns
from portal.store.db import UtcTime, at_once
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.queue_holds import QueueHoldRow


@dataclass(frozen=True, slots=True)
class Counts:
    """`due` has the mails of each lane that are in nobody's hands, and since when the first of them is due.

    `restored` are recipients that are held because the database was restored, and when the first of their mails was
    queued; `hold` is that of the operator on the whole queue.
    """

    due: Mapping[Lane, tuple[int, datetime]]
    unsettled: Mapping[State, int]
    in_hand: int
    paused_configs: int
    failing_configs: int
    restored: tuple[int, datetime | None]
    hold: Hold | None

    @property
    def oldest(self) -> datetime | None:
        """Since when the first mail of any lane is due."""
        return min((since for _, since in self.due.values()), default=None)


def of_queue(session: Session, now: datetime) -> Counts:
    found: dict[str, dict[str, tuple[int, datetime]]] = {}
    rows: Any = at_once(session, _COUNTED, {"now": now})
    for kind, name, count, first in rows:
        found.setdefault(kind, {})[name] = count, first
    alone = {kind: named[""] for kind, named in found.items() if "" in named}
    hold = next((Hold(since, held_by) for held_by, (_, since) in found.get("hold", {}).items()), None)
    return Counts(
        due={Lane(lane): counted for lane, counted in found.get("lane", {}).items()},
        unsettled={State(state): count for state, (count, _) in found.get("state", {}).items()},
        in_hand=alone["in hand"][0],
        paused_configs=alone["paused"][0],
        failing_configs=alone["failing"][0],
        restored=alone["restored"],
        hold=hold,
    )


def _counted() -> CompoundSelect[Any]:
    """Rows of a kind, a name, a number and a time."""
    states = [state.value for state in State if state in NEEDS_CONTENT]
    due = select(_text("lane"), MessageRow.lane, func.count(), func.min(MessageRow.due_at))
    unsettled = select(_text("state"), RecipientRow.state, func.count(), null())
    restored = select(_text("restored"), _text(""), func.count(), func.min(MessageRow.created_at))
    return union_all(
        due.where(*turns.is_due(bindparam("now", type_=UtcTime()))).group_by(MessageRow.lane),
        unsettled.where(RecipientRow.state.in_(states)).group_by(RecipientRow.state),
        _alone("in hand").select_from(MessageRow).where(MessageRow.owner.is_not(None)),
        _alone("paused").select_from(MailConfigRow).where(MailConfigRow.paused_until.is_not(None)),
        _alone("failing").select_from(MailConfigRow).where(checks.fails()),
        restored.join(RecipientRow, RecipientRow.message_id == MessageRow.id).where(*_RESTORED),
        select(_text("hold"), QueueHoldRow.held_by, literal_column("1", Integer), QueueHoldRow.since),
    )


def _alone(kind: str) -> Any:
    return select(_text(kind), _text(""), func.count(), null())


def _text(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String)


_RESTORED = RecipientRow.state == State.HELD.value, RecipientRow.code == Code.RESTORED.value
_COUNTED = _counted()
