"""Knows the figures by which an operator sees how the portal does: what waits, for how long, what is in hand."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.figures import QueueFigures
from portal.services.places import Clock
from portal.store import figures
from portal.store.db import SYSTEM, reading
from portal.store.figures import Counts


@dataclass(frozen=True, slots=True)
class Figures:
    clock: Clock

    def of_queue(self) -> QueueFigures:
        with reading(SYSTEM) as session:
            now = self.clock()
            return told(figures.of_queue(session, now), now)


def told(counts: Counts, now: datetime) -> QueueFigures:
    """What was counted, without what names anybody."""
    return QueueFigures(
        unsettled=counts.unsettled,
        due={lane: count for lane, (count, _) in counts.due.items()},
        oldest={lane: (now - since).total_seconds() for lane, (_, since) in counts.due.items()},
        in_hand=counts.in_hand,
        paused_configs=counts.paused_configs,
        failing_configs=counts.failing_configs,
        is_held=counts.hold is not None,
    )
