"""python -m benchmarks.idle [--quick] [--write]: what a worker without work costs, and how soon it begins some.

As the delivering process of its own: python -m benchmarks.idle worker FOLDER URL PORT
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from flask import Flask

from benchmarks import machine
from benchmarks.delivery.ours import company, hand_in, made
from benchmarks.mail import stage
from benchmarks.page import FIGURES, keep
from portal.domain.outgoing import Lane
from portal.store.presence import is_anybody_present
from portal.worker.duties import Duties, Work
from portal.worker.loop import Loop
from tests import postgres

_PAUSE = 0.03  # seconds from when nobody has anything in hand to the next mail: the worker is idle again by then


@dataclass(frozen=True, slots=True)
class Watched(Duties):
    """The same duties; `seen` is told when a mail was taken in hand."""

    seen: Callable[[], None] = lambda: None

    def mail(self, owner: UUID, lane: Lane, *, goes_on: Callable[[], bool] = lambda: True) -> Work | None:
        work = Duties.mail(self, owner, lane, goes_on=goes_on)
        if work is not None:
            self.seen()
        return work


def main() -> None:
    if sys.argv[1:2] == ["worker"]:
        _work(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a few mails, to see that everything runs")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    options = parser.parse_args()
    seconds, count = (3, 30) if options.quick else (60, 500)
    with stage.plain() as place, postgres.running(durable=True) as server:
        trial = Trial(place, seconds, count)
        lines = [_line("SQLite, in the serving process", _embedded, trial, None)]
        url = server.url(server.create())
        lines.append(_line("PostgreSQL, mail from another process", _apart, trial, url))
    text = "\n".join(
        [
            f"Run on {datetime.now(UTC):%Y-%m-%d}: {machine.described()}.",
            "",
            f"| {count} mails, one at a time, committed → taken in hand | p50 | p99 | at most | idle for {seconds} s |",
            "|---|---|---|---|---|",
            *lines,
        ]
    )
    print(text)
    if options.write:
        keep(text, FIGURES, "idle")


@dataclass(frozen=True, slots=True)
class Worker:
    """`starts` grows by the moment at which each mail was taken; `processor` tells the seconds its process has used."""

    app: Flask
    starts: list[float]
    processor: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Trial:
    place: stage.Place
    seconds: int
    count: int


def _line(name: str, run: Callable[..., AbstractContextManager[Worker]], trial: Trial, url: str | None) -> str:
    with tempfile.TemporaryDirectory() as folder, run(Path(folder), trial.place, url) as worker:
        time.sleep(2)
        before = worker.processor()
        time.sleep(trial.seconds)
        idle = (worker.processor() - before) / trial.seconds
        delays = sorted(_delays(worker, trial.place, trial.count))
    centiles = statistics.quantiles(delays, n=100)
    p50, p99, most = (each * 1e3 for each in (centiles[49], centiles[98], delays[-1]))
    return f"| {name} | {p50:.1f} ms | {p99:.1f} ms | {most:.1f} ms | {idle:.2%} |"


def _delays(worker: Worker, place: stage.Place, count: int) -> Iterator[float]:
    with worker.app.app_context():
        tenant_id, looks = company(worker.app, place), worker.app.extensions["portal.services"].looks
        for number in range(count):
            known = len(worker.starts)
            hand_in(worker.app.extensions["portal.services"], tenant_id, Lane.INTERACTIVE, number)
            committed = time.monotonic()
            while len(worker.starts) == known:
                time.sleep(0.0002)
            yield max(0.0, worker.starts[known] - committed)
            while not looks.waiting().is_nothing:  # else the next goes along with this one, unseen
                time.sleep(0.002)
            time.sleep(_PAUSE)


@contextmanager
def _embedded(folder: Path, place: stage.Place, _url: str | None) -> Iterator[Worker]:
    app, starts = made(folder, place, None), list[float]()
    loop = _watched(app, lambda: starts.append(time.monotonic()))
    loop.start()
    try:
        yield Worker(app, starts, time.process_time)
    finally:
        loop.stop()


@contextmanager
def _apart(folder: Path, place: stage.Place, url: str | None) -> Iterator[Worker]:
    app, starts = made(folder, place, url), list[float]()
    command = [sys.executable, "-m", "benchmarks.idle", "worker", str(folder), str(url), str(place.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        reader = threading.Thread(target=lambda: starts.extend(map(float, process.stdout or ())))
        reader.start()
        with app.app_context():
            while not is_anybody_present():  # what it costs to start is no part of waiting
                time.sleep(0.1)
        try:
            yield Worker(app, starts, lambda: _processor_of(process.pid))
        finally:
            process.terminate()
            reader.join()


def _processor_of(pid: int) -> float:
    """User and system time, from fields 14 and 15 of proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _work(folder: Path, url: str, port: int) -> None:
    app = made(folder, stage.Place(port), url, migrates=False)
    loop = _watched(app, lambda: print(time.monotonic(), flush=True))
    loop.start()
    threading.Event().wait()


def _watched(app: Flask, seen: Callable[[], None]) -> Loop:
    loop = app.extensions["portal.worker"]
    duties = loop._duties  # noqa: SLF001 - watched from outside, so that nothing is in its way otherwise
    usual = {each.name: getattr(duties, each.name) for each in fields(Duties)}
    loop._duties = Watched(**usual, seen=seen)  # noqa: SLF001
    return loop


if __name__ == "__main__":
    main()
