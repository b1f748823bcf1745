"""Knows how fast mail leaves through a server that asks for less: half as fast, then faster with each success."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOWEST = 1.0  # mails a minute
_HALF, _FASTER = 0.5, 1.1
# Several sessions hear the same request at about the same time; it is one.
_ONE_REQUEST = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Pace:
    """`slowed_to` is how many mails a minute leave for now, and `full` the speed at which that is forgotten.

    Both are None while no server asks for less.
    """

    slowed_to: float | None = None
    full: float | None = None
    slowed_at: datetime | None = None

    def slowed(self, *, lately: int, limit: int, now: datetime) -> "Pace":
        """The server asks for less. `lately` are the mails of the last minute, `limit` is what was set (0: nothing)."""
        if self.slowed_at is not None and self.slowed_at <= now < self.slowed_at + _ONE_REQUEST:
            return self
        before = self.slowed_to if self.slowed_to is not None else float(min(lately, limit) if limit else lately)
        full = self.full if self.full is not None else before
        return Pace(max(SLOWEST, before * _HALF), max(SLOWEST, full), now)

    def after_success(self) -> "Pace":
        """A mail was taken: a tenth faster, and back at full speed it is forgotten."""
        if self.slowed_to is None or self.full is None:
            return self
        faster = self.slowed_to * _FASTER
        return NORMAL if faster >= self.full else Pace(faster, self.full, self.slowed_at)

    def limit(self, fixed: int) -> int:
        """How many mails a minute may leave; 0 is no limit. `fixed` is what was set."""
        if self.slowed_to is None:
            return fixed
        return min(fixed, int(self.slowed_to)) if fixed else int(self.slowed_to)


NORMAL = Pace()
