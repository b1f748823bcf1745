"""Knows a portal on a machine whose clock is turned while it delivers (libfaketime)."""

import os
import shutil
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from portal.domain.delivery import State
from portal.domain.ids import MessageId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Actor
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from tests.faults import storm as storms
from tests.faults.storm import Outcome, Storm, _until

_LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_TOLD = timedelta(seconds=6)  # what may pass between asking and asking again
_NOTICED = 5.0  # seconds until what waits has to be set anew
# Some seconds before a signed number of 32 bits ends: it does so under way.
_START = datetime(2038, 1, 19, 3, 13, 55, tzinfo=UTC)
# A day, an hour as where summer time is taken for another zone, and what is just too much to be a correction.
_TURNS = (_DAY, -_DAY, 60 * _MINUTE, -60 * _MINUTE, 6 * _MINUTE, -6 * _MINUTE, -_DAY, _DAY)


class NoFaketimeError(Exception):
    """Here no clock of our own can be turned."""


@dataclass
class TurnedClock:
    """What libfaketime makes of the clock of a process, told to it by a file; we read the same."""

    file: Path
    epoch: str = "real"
    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def turn(self, by: timedelta) -> None:
        self.ahead += by
        unfinished = self.file.with_suffix(".new")
        unfinished.write_text(f"{self.ahead.total_seconds():+.3f}\n")
        unfinished.rename(self.file)

    def environ(self) -> Mapping[str, str]:
        return {
            **os.environ,
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@dataclass
class Turns:
    """`early` and `late` count mails that waited for less, or longer, than they had to; `noticed` is in milliseconds."""

    outcome: Outcome
    early: int = 0
    late: int = 0
    noticed: list[float] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.outcome.line('turns of the clock')}: {self.early} early, {self.late} late;"
            f" noticed within {statistics.median(self.noticed):.0f} ms (p50), {max(self.noticed):.0f} ms at most"
        )

    @property
    def is_kept(self) -> bool:
        return self.outcome.is_kept and self.early == self.late == 0


@contextmanager
def raging(folder: Path) -> Iterator[Storm]:
    """A storm under such a clock. Raises NoFaketimeError."""
    if not (shutil.which("faketime") and _LIBRARY.exists()):
        raise NoFaketimeError
    clock = TurnedClock(folder / "clock")
    clock.turn(_START - clock())
    with storms.raging(folder, clock=clock, environ=clock.environ()) as storm:
        yield storm


def turn(storm: Storm, times: int) -> Turns:
    """Turn the clock under load. What waits for a server that is away shows when it is due; what is due goes."""
    met = Turns(storm.outcome(0, []))
    storm.silent.close()  # from now on it refuses: Otto's mail waits
    away = storm.cast.active_config(
        storm.cast.otto, name="Away", host="127.0.0.1", port=str(storm.silent_port), encryption="none", signs_in=False
    )
    for number in range(times):
        waiting = _put_off(storm)
        by = _TURNS[number % len(_TURNS)]
        left = _next_at(waiting) - storm.clock()
        storm.clock.turn(by)
        _note(storm, met, waiting, (timedelta(0), 10 * _MINUTE) if by > timedelta(0) else (left - _TOLD, left))
        _hand_in(storm, storm.cast.rex)
        _until(lambda: _is_sent(storm, storm.sent[-1]) or None, "a mail that is due does not leave")
    storm.cast.services.mail_configs.select(storm.cast.otto, away.tenant_id, None)
    storm.cast.active_config(
        storm.cast.otto, name="Back", host="127.0.0.1", port=str(storm.sink.port), encryption="none", signs_in=False
    )
    storm.settle()
    met.outcome = storm.outcome(times, [])
    return met


def _put_off(storm: Storm) -> MessageId:
    message_id = _hand_in(storm, storm.cast.otto)
    _until(
        lambda: _state(storm, message_id) is State.DEFERRED or None, "a mail for a server that is away is not put off"
    )
    return message_id


def _note(storm: Storm, met: Turns, waiting: MessageId, right: tuple[timedelta, timedelta]) -> None:
    """Within seconds the mail is due when it should be: in up to ten minutes, or as if nobody had turned the clock."""
    began = time.monotonic()
    while time.monotonic() < began + _NOTICED:
        left = _next_at(waiting) - storm.clock()
        if right[0] < left <= right[1]:
            met.noticed.append((time.monotonic() - began) * 1000)
            return
        time.sleep(0.02)
    if left > right[1]:
        met.late += 1
    else:
        met.early += 1
    met.noticed.append(_NOTICED * 1000)


def _hand_in(storm: Storm, person: Actor) -> MessageId:
    content, to = Outgoing(f"Mail {len(storm.sent)}", "A line.\n"), (Mailbox("cal@demo.test"),)
    message_id, _ = storm.cast.services.sending.send(tenant_id=person.tenant.id, to=to, content=content)
    storm.sent.append(message_id)
    return message_id


def _is_sent(storm: Storm, message_id: MessageId) -> bool:
    return _state(storm, message_id) is State.SENT


def _state(storm: Storm, message_id: MessageId) -> State:
    return storm.states()[message_id]


def _next_at(message_id: MessageId) -> datetime:
    with reading(SYSTEM) as session:
        query = select(outbox.RecipientRow.next_at).where(outbox.RecipientRow.message_id == message_id)
        return session.scalars(query).one()
