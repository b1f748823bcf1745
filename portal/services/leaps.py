"""Knows that the clock was turned: how far it leapt against the one that never does, and what that means for mail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.delivery import LONGEST_WAIT, spread
from portal.services.places import Clock
from portal.store import checks, limits, outbox, waiting
from portal.store.db import SYSTEM, unit_of_work

# What is less is corrected by waiting.
_FORWARD, _BACKWARD = timedelta(minutes=5), timedelta(minutes=1)
# What came due by a leap alone leaves over this time, not in one second.
_SPREAD_OVER = timedelta(minutes=10)
# No mail waits for longer than this after an attempt.
_LONGEST = spread(LONGEST_WAIT, 1)
_MET_BY_ALL = timedelta(seconds=20)  # until then every process of a machine has met a leap
_AT_ONCE = 500  # recipients in one transaction, so that others may write in between

_Moved = Callable[[outbox.RecipientRow], datetime]


@dataclass(slots=True)
class Leaps:
    """`steady` counts seconds and is never turned. Mail that waits comes due by the time that passed, not by a leap."""

    clock: Clock
    steady: Callable[[], float]
    check_every: timedelta
    _seen: tuple[datetime, float] | None = field(default=None)

    def look(self) -> timedelta:
        """Compare the two clocks, again and again; returns the leap since the last look, if it was one, else zero.

        At the first look nothing is known of the past, but no mail may wait for longer than any wait is.
        """
        now, moment = self.clock(), self.steady()
        leap = timedelta(0)
        if self._seen is None:
            self._move(now + _LONGEST, None, lambda _recipient: now + LONGEST_WAIT)
        else:
            leap = self._followed(self._expected(self._seen, moment), now)
        self._seen = now, moment
        return leap

    def is_due(self) -> bool:
        """Whether the next look would find a leap; asks nothing but the two clocks."""
        if self._seen is None:
            return True
        leap = self.clock() - self._expected(self._seen, self.steady())
        return leap > _FORWARD or leap < -_BACKWARD

    @staticmethod
    def _expected(seen: tuple[datetime, float], moment: float) -> datetime:
        return seen[0] + timedelta(seconds=moment - seen[1])

    def _followed(self, expected: datetime, now: datetime) -> timedelta:
        leap = now - expected
        if leap > _FORWARD:
            self._move(expected, now, lambda recipient: now + _SPREAD_OVER * _lot(recipient), queued_by=expected)
        elif leap < -_BACKWARD and self._is_first(now, leap):
            self._move(now, None, lambda recipient: max(now, recipient.next_at + leap))
            with unit_of_work(SYSTEM) as session:
                checks.none_later_than(session, now + self.check_every)
        else:
            return timedelta(0)
        return leap

    @staticmethod
    def _is_first(now: datetime, leap: timedelta) -> bool:
        """Several processes of a machine meet the same leap; what waits is moved back once."""
        key = f"leap:{leap // timedelta(seconds=1)}"
        with unit_of_work(SYSTEM) as session:
            count, _ = limits.take(session, key, _MET_BY_ALL, now)
        return count == 1

    @staticmethod
    def _move(after: datetime, until: datetime | None, moved: _Moved, *, queued_by: datetime | None = None) -> None:
        """Set anew when those are due that are due between two times; they are asked for in the order of their ids."""
        last = None
        while True:
            with unit_of_work(SYSTEM) as session:
                found = waiting.due_between(session, after, until, behind=last, queued_by=queued_by, limit=_AT_ONCE)
                _set(session, found, moved)
            if len(found) < _AT_ONCE:
                return
            last = found[-1].id


def _set(session: Session, recipients: list[outbox.RecipientRow], moved: _Moved) -> None:
    for recipient in recipients:
        recipient.next_at = moved(recipient)
    outbox.reckon_all(session, recipients)


def _lot(recipient: outbox.RecipientRow) -> float:
    """From just over 0 to 1, each recipient's own."""
    return (int.from_bytes(recipient.id.bytes[-2:]) + 1) / 0x10000
