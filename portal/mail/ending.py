"""Knows that the process was asked to end: what has no dot yet is let go, what has is waited for."""

import math
from dataclasses import dataclass

from portal.mail.deadlines import Clock

# How long whoever sent a final dot may wait for the answer, in seconds: without it nobody knows.
GRACE = 60.0
# A server that answers as usual may still get the mail whose turn it is.
BRIEFLY = 1.0


@dataclass(slots=True)
class Ending:
    """One for all connections of a process that carry mail. `clock` is monotonic."""

    clock: Clock
    _since: float | None = None

    def has_begun(self) -> bool:
        return self._since is not None

    def begin(self) -> None:
        self._since = self.clock()

    def is_over(self) -> None:
        """Nothing is under way any more; what is begun from now on is carried to its end again."""
        self._since = None

    def left(self, patience: float) -> float:
        """Seconds that may still pass for what may take `patience` of them from the beginning of the end."""
        return math.inf if self._since is None else self._since + patience - self.clock()
