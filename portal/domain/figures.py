"""Knows the figures of a queue that an operator may see: how much waits, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.domain.delivery import State
from portal.domain.outgoing import Lane


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """`unsettled` counts recipients, `due` mails; `oldest` are the seconds for which the first of these has been due.
    `is_held` is true while nothing is taken in hand because the operator holds the whole queue.

    No company and no address is named.
    """

    unsettled: Mapping[State, int]
    due: Mapping[Lane, int]
    oldest: Mapping[Lane, float]
    in_hand: int
    paused_configs: int
    failing_configs: int
    is_held: bool
