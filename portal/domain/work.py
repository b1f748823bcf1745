"""Knows which kinds of work wait for whoever delivers, and how long he may rest where none does."""

from dataclasses import dataclass
from datetime import timedelta

from portal.domain.outgoing import Lane


@dataclass(frozen=True, slots=True)
class Waiting:
    """At one moment: the lanes in which a mail is due, whether somebody waits for a test, whether a check is due.

    `in_hand` says whether anybody has begun anything that did not end yet. `next_in` is when something comes due by
    itself that is not due now; None where nothing does.
    """

    lanes: frozenset[Lane]
    trial: bool
    check: bool
    in_hand: bool = False
    next_in: timedelta | None = None

    @property
    def calls(self) -> tuple[Lane, ...]:
        """The lanes whose senders have something to do, most urgent first; a test counts as interactive."""
        return tuple(lane for lane in Lane if lane in self.lanes or (self.trial and lane is Lane.INTERACTIVE))

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to do, and nobody who does anything."""
        return not (self.lanes or self.trial or self.check or self.in_hand)
