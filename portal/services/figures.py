"""Knows the figures by which an operator sees how the portal does: what waits, for how long, what is in hand."""

from dataclasses import dataclass

from portal.domain.figures import QueueFigures
from portal.services.places import Clock
from portal.store import checks, mail_configs, queue_holds, turns, waiting
from portal.store.db import SYSTEM, reading


@dataclass(frozen=True, slots=True)
class Figures:
    clock: Clock

    def of_queue(self) -> QueueFigures:
        with reading(SYSTEM) as session:
            now = self.clock()
            due = turns.due_by_lane(session, now)
            return QueueFigures(
                unsettled=waiting.counts(session),
                due={lane: count for lane, (count, _) in due.items()},
                oldest={lane: (now - since).total_seconds() for lane, (_, since) in due.items()},
                in_hand=turns.in_hand(session),
                paused_configs=mail_configs.count_paused(session),
                failing_configs=checks.count_failing(session),
                is_held=queue_holds.find(session) is not None,
            )
