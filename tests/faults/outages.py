"""Knows a portal whose database is cut off: connections end, the server dies at once and comes back."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from portal.domain.delivery import State
from portal.domain.errors import UnavailableError
from portal.domain.ids import MessageId
from portal.domain.outgoing import Mailbox, Outgoing
from tests.faults.storm import Outcome, Storm, _until, at_any_moment
from tests.postgres import Postgres

T = TypeVar("T")

_PATIENCE = 30.0  # seconds until a server that was started anew has to answer


@dataclass
class Outages:
    """`recoveries` are milliseconds from the server's return until a new mail was delivered."""

    outcome: Outcome
    cuts: int
    crashes: int
    recoveries: list[float] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.outcome.line('times no database')}: {self.cuts} cuts of random connections, {self.crashes} stops"
            f" without warning; mail flowed again within {max(self.recoveries):.0f} ms at most"
        )


def cut_off(storm: Storm, server: Postgres, times: int) -> Outages:
    """Under load, end half of all connections, and every other time the whole server, at any moment."""
    met = Outages(storm.outcome(0, []), 0, 0)
    for number in range(times):
        _patiently(lambda: storm.feed(at_any_moment()))
        if number % 2:
            server.crash()
            met.crashes += 1
        else:
            server.cut_half_of(storm.url.rpartition("/")[2].partition("?")[0])
            met.cuts += 1
        met.recoveries.append(_recovered(storm))
    storm.settle()
    met.outcome = storm.outcome(times, [])
    return met


def _recovered(storm: Storm) -> float:
    began = time.monotonic()
    storm.sent.append(latest := _patiently(lambda: _hand_in(storm)))
    _until(lambda: _patiently(storm.states)[latest] is State.SENT or None, "nothing is delivered", patience=_PATIENCE)
    return (time.monotonic() - began) * 1000


def _hand_in(storm: Storm) -> MessageId:
    content, to = Outgoing("After an outage", "A line.\n"), (Mailbox("cal@demo.test"),)
    return storm.cast.services.sending.send(tenant_id=storm.cast.rex.tenant.id, to=to, content=content)[0]


def _patiently(work: Callable[[], T]) -> T:
    """Ask until the database answers, as people do who are told to try again."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return work()
        except UnavailableError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
