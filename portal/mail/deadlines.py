"""Knows how long each step of a session may take, and how much of that is left."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. Each holds for a whole step, however slowly its bytes come; `session` bounds them all."""

    connect: float
    greeting: float
    command: float
    data_block: float
    final_dot: float
    session: float


# RFC 5321 §4.5.3.2: what a sender has to wait at least. A short final dot creates duplicates.
DELIVERY = Deadlines(connect=30, greeting=300, command=300, data_block=180, final_dot=600, session=3600)
# Somebody is looking: half a minute, whatever the server does.
INTERACTIVE = Deadlines(connect=10, greeting=10, command=10, data_block=10, final_dot=25, session=30)


class Bound(Protocol):
    """What may end a session before its time: see `Ending`."""

    def left(self, patience: float, /) -> float: ...


class Timer:
    """The time of one session, on a clock that never jumps. A moment is a reading of that clock.

    `patience` is how many seconds it goes on for when it is `bound` by something that begins to end.
    """

    __slots__ = ("_bound", "_clock", "_end", "patience")

    def __init__(self, seconds: float, *, clock: Clock, bound: Bound | None = None) -> None:
        self.patience = 0.0
        self._bound = bound
        self._clock = clock
        self._end = clock() + seconds

    def renew(self, seconds: float) -> None:
        """Begin anew, for the next mail of the same connection."""
        self._end = self._clock() + seconds

    def moment_in(self, seconds: float) -> float:
        """The moment `seconds` from now, or the end of the session if that is sooner."""
        return min(self._clock() + seconds, self._end)

    def left_until(self, moment: float) -> float:
        """Seconds until `moment`, more than zero. Raises TimeoutError when it has passed."""
        left = moment - self._clock()
        if self._bound is not None:
            left = min(left, self._bound.left(self.patience))
        if left <= 0:
            raise TimeoutError
        return left
