"""Knows what is done every so often beside the work: when it is its turn, and that what failed is tried again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Chore:
    """`do` says whether it was done; `every` are the seconds from then to the next time."""

    do: Callable[[], bool]
    every: float
    _next_at: float = field(default_factory=time.monotonic)

    @property
    def due_in(self) -> float:
        """Seconds until its turn; nothing or less where it is now."""
        return self._next_at - time.monotonic()

    def turn(self) -> bool:
        """Do it if it is its turn; returns whether it was done."""
        if self.due_in > 0 or not self.do():
            return False
        self._next_at = time.monotonic() + self.every
        return True
