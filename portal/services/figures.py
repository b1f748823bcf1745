"""Knows the figures by which an operator sees how the portal does: what waits, for how long, what is in hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.domain.delivery import State
from portal.domain.outgoing import Lane
from portal.services.places import Clock
from portal.store import mail_configs, turns, waiting
from portal.store.db import SYSTEM, reading


@dataclass(frozen=True, slots=True)
class Queue:
    """`unsettled` counts recipients, `due` mails; `oldest` are the seconds for which the first of these has been due.

    No company and no address is named.
    """

    unsettled: Mapping[State, int]
    due: Mapping[Lane, int]
    oldest: Mapping[Lane, float]
    in_hand: int
    paused_configs: int


@dataclass(frozen=True, slots=True)
class Figures:
    clock: Clock

    def of_queue(self) -> Queue:
        with reading(SYSTEM) as session:
            now = self.clock()
            due = turns.due_by_lane(session, now)
            return Queue(
                unsettled=waiting.counts(session),
                due={lane: count for lane, (count, _) in due.items()},
                oldest={lane: (now - since).total_seconds() for lane, (_, since) in due.items()},
                in_hand=turns.in_hand(session),
                paused_configs=mail_configs.count_paused(session),
            )
