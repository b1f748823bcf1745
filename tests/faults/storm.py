"""Knows a portal in a storm: several delivering processes, mail that keeps coming, and what is true when it is over."""

import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from portal.domain.delivery import State
from portal.domain.errors import UnavailableError
from portal.domain.ids import MessageId, TenantId
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.domain.owners import is_of
from portal.domain.roles import Actor
from portal.store import outbox
from portal.store.db import SYSTEM, db, reading
from tests.cast import Cast, plant
from tests.faults import sink as sinks
from tests.faults.zygote import RATE, FastClock
from tests.fixtures_portal import ROOT, build

_AT_REST = frozenset({State.SENT, State.HELD, State.QUARANTINED, State.FAILED, State.EXPIRED, State.CANCELLED})
_BACKLOG = 60  # mails that wait
_AT_ONCE = 10  # mails of one company
_LANES = (Lane.NORMAL, Lane.NORMAL, Lane.BULK, Lane.INTERACTIVE)
_PATIENCE = 60.0  # seconds of real time in which everything is delivered when nothing happens any more


@dataclass
class Outcome:
    """What happened, and what came of it; times in milliseconds."""

    faults: int
    mails: int
    lost: int
    silent: int
    flagged: int
    altered: int
    recoveries: list[float] = field(default_factory=list)
    _COUNTS: ClassVar = ("faults", "mails", "lost", "silent", "flagged", "altered")

    def line(self, noun: str = "kills") -> str:
        return (
            f"{self.faults} {noun}, {self.lost} lost, {self.silent} silent duplicates, {self.flagged} flagged repeats"
            f" ({self.mails} mails)"
        )

    @property
    def recovery(self) -> str:
        """How long it took until somebody else had taken up what the dead had in hand."""
        if len(self.recoveries) < 2:
            return "no recovery was measured"
        centiles = statistics.quantiles(self.recoveries, n=100)
        return (
            f"{len(self.recoveries)} of them met mail in hand, taken up within {centiles[49]:.0f} ms (p50),"
            f" {centiles[98]:.0f} ms (p99), {max(self.recoveries):.0f} ms at most"
        )

    @property
    def is_kept(self) -> bool:
        """Whether the promise was kept: nothing lost, no repeat in silence, every repeat the very same bytes."""
        return self.lost == self.silent == self.altered == 0

    @classmethod
    def together(cls, outcomes: Iterable["Outcome"]) -> "Outcome":
        total = cls(0, 0, 0, 0, 0, 0)
        for each in outcomes:
            counts = {name: getattr(total, name) + getattr(each, name) for name in cls._COUNTS}
            total = cls(**counts, recoveries=[*total.recoveries, *each.recoveries])
        return total

    def as_json(self) -> str:
        return json.dumps(asdict(self))


@dataclass
class Storm:
    app: Flask
    cast: Cast
    sink: sinks.Sink
    silent: socket.socket
    folder: Path
    clock: FastClock
    zygote: subprocess.Popen[str]
    url: str
    silent_port: int = 0
    living: list[int] = field(default_factory=list)
    sent: list[MessageId] = field(default_factory=list)

    def start_one(self) -> None:
        assert self.zygote.stdin
        assert self.zygote.stdout
        self.zygote.stdin.write("\n")
        self.zygote.stdin.flush()
        self.living.append(int(self.zygote.stdout.readline()))

    def end_one(self, pid: int, number: signal.Signals) -> None:
        self.living.remove(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def feed(self, seconds: float = 0) -> None:
        """Hand in mail of several companies and in every lane, whenever too little of it waits, for so long."""
        end = time.monotonic() + seconds
        self._top_up()
        while time.monotonic() < end:
            time.sleep(0.002)
            self._top_up()

    def _top_up(self) -> None:
        while self._waiting() < _BACKLOG:
            self._hand_in()

    def _waiting(self) -> int:
        with reading(SYSTEM) as session:
            due = outbox.MessageRow.due_at.is_not(None)
            return session.scalar(select(func.count()).select_from(outbox.MessageRow).where(due)) or 0

    def _hand_in(self) -> None:
        person: Actor = random.choice((self.cast.sue, self.cast.otto, self.cast.rex))
        mails = [
            (
                (Mailbox(f"cal{number}@demo.test"),),
                Outgoing(f"Mail {len(self.sent) + number}", "A line.\n" * random.randint(1, 200)),
            )
            for number in range(_AT_ONCE)
        ]
        sending = self.cast.services.sending
        handed_in = sending.send_each(tenant_id=person.tenant.id, mails=mails, lane=random.choice(_LANES))
        self.sent.extend(message_id for message_id, _ in handed_in)

    def holder(self) -> int:
        """A process that delivers, once there is one and another one is there, or waits for its place."""
        return _until(self._holder_with_heir, "nobody delivers, or nobody stands by")

    def in_hand(self, pid: int) -> set[UUID]:
        """The pieces of work that a process has under way; none where it has just begun and not said its key yet."""
        key = self.folder / f"key.{pid}"
        keys = {int(key.read_text())} if key.exists() else set()
        return {owner for owner in self.owners() if is_of(owner, keys)}

    def recovered(self, owners: set[UUID]) -> float:
        """How many milliseconds pass until none of the owners has anything in hand."""
        began = time.monotonic()
        _until(lambda: not (owners & self.owners()) or None, "what a dead process had in hand was not taken up")
        return (time.monotonic() - began) * 1000

    def owners(self) -> set[UUID]:
        with reading(SYSTEM) as session:
            held = outbox.MessageRow.owner.is_not(None)
            return set(session.scalars(select(outbox.MessageRow.owner).where(held).distinct()))

    def uncertain(self) -> int:
        """How many mails were ever recorded as uncertain."""
        with reading(SYSTEM) as session:
            flagged = outbox.RecipientRow.uncertain_count > 0
            return session.scalar(select(func.count()).select_from(outbox.RecipientRow).where(flagged)) or 0

    def settle(self) -> None:
        """Wait until everything is sent; what was left to a person is asked for again, as a person would."""
        for _ in range(10):
            _until(lambda: self._is_at_rest() or None, "the queue does not empty", patience=_PATIENCE)
            states = self.states()
            waiting = [each for each in self.sent if states[each] is not State.SENT]
            if not waiting:
                return
            for message_id in waiting:
                self._retry(message_id)

    def states(self) -> dict[MessageId, State]:
        with reading(SYSTEM) as session:
            rows = session.execute(select(outbox.RecipientRow.message_id, outbox.RecipientRow.state))
            return {MessageId(message_id): State(state) for message_id, state in rows}

    def outcome(self, faults: int, recoveries: list[float]) -> Outcome:
        """Compare what the portal says with what the server took."""
        with reading(SYSTEM) as session:
            names = {MessageId(row.id): row.message_id for row in session.query(outbox.MessageRow)}
        states = self.states()
        lost = [
            each
            for each in self.sent
            if states.get(each) is not State.SENT or not self.sink.copies.get(names.get(each, ""))
        ]
        return Outcome(
            faults=faults,
            mails=len(self.sent),
            lost=len(lost),
            silent=len(self.sink.silent),
            flagged=len(self.sink.flagged),
            altered=len(self.sink.altered),
            recoveries=recoveries,
        )

    def _is_at_rest(self) -> bool:
        return all(state in _AT_REST for state in self.states().values())

    def _retry(self, message_id: MessageId) -> None:
        with reading(SYSTEM) as session:
            tenant_id = TenantId(outbox.get_row(session, message_id).tenant_id)
        self.cast.services.mail_log.retry(self.cast.pia, tenant_id, message_id)

    def _holder_with_heir(self) -> int | None:
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "FLOCK" in line]
        heirs = [each for each in locks if each[1] == "->" and int(each[5]) in self.living]
        holders = [int(each[4]) for each in locks if each[1] != "->" and int(each[4]) in self.living]
        there = [pid for pid in self.living if (self.folder / f"key.{pid}").exists()]
        if holders and heirs:
            return holders[0] if holders[0] in there else None
        return random.choice(there) if not holders and len(there) > 1 else None  # PostgreSQL, where all deliver


def kill(storm: Storm, kills: int) -> Outcome:
    """`kill -9` the delivering process, again and again, at any moment."""
    recoveries: list[float] = []
    for _ in range(kills):
        victim = storm.holder()
        storm.feed(at_any_moment())
        in_hand = storm.in_hand(victim)
        storm.end_one(victim, signal.SIGKILL)
        if in_hand:
            recoveries.append(storm.recovered(in_hand))
        storm.start_one()
    storm.settle()
    return storm.outcome(kills, recoveries)


def at_any_moment() -> float:
    """So many seconds later, in the midst of delivering."""
    return random.uniform(0.04, 0.16)


def restart(storm: Storm, restarts: int) -> Outcome:
    """Ask the delivering process to end, as a new version being installed does, under load."""
    for _ in range(restarts):
        victim = storm.holder()
        storm.feed(at_any_moment())
        storm.end_one(victim, signal.SIGTERM)
        storm.start_one()
    storm.settle()
    return storm.outcome(restarts, [])


def stop_and_continue(storm: Storm, times: int, *, seconds: float) -> Outcome:
    """The delivering process is stopped for a while, as by a debugger or a suspended machine, and goes on."""
    for _ in range(times):
        victim = storm.holder()
        storm.feed(at_any_moment())
        os.kill(victim, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(victim, signal.SIGCONT)
    storm.settle()
    return storm.outcome(times, [])


@dataclass
class Delays:
    """How long mails of others took from being handed in to being sent, in milliseconds."""

    before: list[float]
    beside: list[float]
    waiting: int

    def line(self) -> str:
        p95 = [statistics.quantiles(each, n=20)[18] for each in (self.before, self.beside)]
        p50 = [statistics.median(each) for each in (self.before, self.beside)]
        return (
            f"beside {self.waiting} waiting mails for a silent server the mails of others take {p50[1]:.0f} ms"
            f" (p50; {p50[0]:.0f} without), {p95[1]:.0f} ms (p95; {p95[0]:.0f} without)"
        )


def tarpit(storm: Storm, waiting: int, *, probes: int = 100) -> Delays:
    """Measure the mails of two companies before and while a third has many waiting for a server that says nothing.

    Nobody else may deliver meanwhile.
    """
    ports = frozenset({storm.sink.port, _port_of(storm.silent)})
    app = build(storm.folder, storm.clock, database_url=storm.url, egress_ports=ports, senders=4)
    services, loop = app.extensions["portal.services"], app.extensions["portal.worker"]
    loop.start()  # in this very process, as where pages and delivery share one
    try:
        with app.app_context():
            return _beside_a_tarpit(replace(storm, cast=replace(storm.cast, services=services)), waiting, probes)
    finally:
        storm.silent.close()  # else the senders would wait for its greeting as long as RFC 5321 wants them to
        loop.stop()


def _beside_a_tarpit(storm: Storm, waiting: int, probes: int) -> Delays:
    before = _delays(storm, probes)
    storm.cast.active_config(
        storm.cast.sue,
        name="Silent",
        host="127.0.0.1",
        port=str(_port_of(storm.silent)),
        encryption="none",
        signs_in=False,
    )
    for number in range(waiting):
        content = Outgoing(f"Stuck {number}", "A line.\n")
        storm.cast.services.sending.send(
            tenant_id=storm.cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=content
        )
    return Delays(before, _delays(storm, probes), waiting)


def _delays(storm: Storm, probes: int) -> list[float]:
    sent = []
    for number in range(probes):
        person = (storm.cast.otto, storm.cast.rex)[number % 2]
        content, to = Outgoing(f"Probe {number}", "A line.\n"), (Mailbox("cal@demo.test"),)
        sent.append(storm.cast.services.sending.send(tenant_id=person.tenant.id, to=to, content=content)[0])
        time.sleep(0.05)

    def all_sent() -> bool | None:
        states = storm.states()
        return all(states[each] is State.SENT for each in sent) or None

    _until(all_sent, "others wait behind a tarpit")
    with reading(SYSTEM) as session:
        rows = session.execute(
            select(outbox.MessageRow.created_at, outbox.RecipientRow.settled_at)
            .join(outbox.RecipientRow, outbox.RecipientRow.message_id == outbox.MessageRow.id)
            .where(outbox.MessageRow.id.in_(sent))
        )
        return [(settled - created).total_seconds() * 1000 / RATE for created, settled in rows if settled]


@contextmanager
def _silent_server() -> Iterator[socket.socket]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener


def _port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@contextmanager
def raging(
    folder: Path,
    processes: int = 3,
    *,
    url: str | None = None,
    clock: FastClock | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Storm]:
    """A portal in `folder` with three companies that send through one server, and processes that deliver.

    `url` is an empty database on a server; without it there is a file in the folder. `clock` may be any with an
    `epoch` that the delivering processes understand, and `environ` is theirs.
    """
    clock, url = clock or FastClock(time.time()), url or f"sqlite:///{folder / 'portal.db'}"
    app = build(folder, clock, database_url=url)
    with app.app_context():
        upgrade()
        cast = plant(app.extensions["portal.services"])
        with (
            _connections_of_our_own(),
            sinks.running(flags_of(app)) as sink,
            _silent_server() as silent,
            _zygote(folder, (sink.port, _port_of(silent)), clock, url, environ) as zygote,
        ):
            for person in (cast.sue, cast.otto, cast.rex):
                cast.active_config(person, host="127.0.0.1", port=str(sink.port), encryption="none", signs_in=False)
            storm = Storm(app, cast, sink, silent, folder, clock, zygote, url, _port_of(silent))
            try:
                for _ in range(processes):
                    storm.start_one()
                yield storm
            finally:
                for pid in list(storm.living):
                    storm.end_one(pid, signal.SIGKILL)


@contextmanager
def _connections_of_our_own() -> Iterator[None]:
    """To the database, closed when the server, which asks it too, has ended its last conversation."""
    try:
        yield
    finally:
        db.engine.dispose()


@contextmanager
def _zygote(
    folder: Path, ports: tuple[int, ...], clock: FastClock, url: str, environ: Mapping[str, str] | None
) -> Iterator[subprocess.Popen[str]]:
    given = (str(folder), ",".join(map(str, ports)), str(clock.epoch), url)
    command = [sys.executable, "-m", "tests.faults.zygote", *given]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **pipes) as zygote:
        try:
            yield zygote
        finally:
            zygote.kill()


def flags_of(app: Flask) -> Callable[[str], int]:
    """How often a mail was recorded as uncertain, as any other process sees it right now."""

    def flags(message_id: str) -> int:
        with app.app_context(), reading(SYSTEM) as session:
            count = select(func.max(outbox.RecipientRow.uncertain_count)).join(
                outbox.MessageRow, outbox.MessageRow.id == outbox.RecipientRow.message_id
            )
            return session.scalar(count.where(outbox.MessageRow.message_id == message_id)) or 0

    def asked(message_id: str) -> int | None:
        with suppress(UnavailableError):
            return flags(message_id)
        return None

    return lambda message_id: _until(lambda: asked(message_id), "the database does not come back")


def _until(found: Callable[[], object], complaint: str, *, patience: float = 20.0) -> object:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if (result := found()) is not None:
            return result
        time.sleep(0.002)
    raise AssertionError(complaint)
