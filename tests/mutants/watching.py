"""Knows how the processes that spoil are watched: one in which nothing begins and nothing ends any more is ended."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue
from threading import Thread

from tests.mutants.spoiling import work
from tests.mutants.targets import Mutant

# The slowest of the tests takes 2 s alone. A question that asks the database for ever hears no signal, so its process goes.
SECONDS_A_TEST = 30
SECONDS_TO_BEGIN = 120


@dataclass(frozen=True, slots=True)
class Fate:
    """`what` is "noticed", "ended", "survived" or "unsteady"; `by` is the test that noticed, or that came to no end."""

    mutant: Mutant
    what: str
    by: str

    @property
    def is_noticed(self) -> bool:
        return self.what in {"noticed", "ended"}


class Watch:
    """Goes through all mutants with some processes at a time; `told` hears of each."""

    def __init__(self, wanted: Iterable[Mutant], told: Callable[[Fate], None]) -> None:
        self._left: SimpleQueue[Mutant] = SimpleQueue()
        self._wanted, self._told = list(wanted), told
        self._likeliest: dict[str, str] = {}
        for mutant in self._wanted:
            self._left.put(mutant)

    def over(self, processes: int) -> None:
        threads = [Thread(target=self._one) for _ in range(processes)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    def _one(self) -> None:
        worker = _Worker(sorted({test for each in self._wanted for test in each.tests}))
        for mutant in self._all_left():
            fate = worker.fate_of(mutant, self._likeliest.get(mutant.place, ""))
            if fate.what == "unsteady":  # what an earlier one left behind may be to blame, so a fresh process decides
                worker.end()
                fate = worker.fate_of(mutant, fate.by)
            if fate.is_noticed:
                self._likeliest[mutant.place] = fate.by
            self._told(fate)
        worker.end()

    def _all_left(self) -> Iterator[Mutant]:
        try:
            while True:
                yield self._left.get_nowait()
        except Empty:
            return


class _Worker:
    """A process that is begun when there is something to do, and again when it was ended."""

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._running: tuple[BaseProcess, Connection] | None = None

    def fate_of(self, mutant: Mutant, likeliest: str) -> Fate:
        asked, latest = self._begun(), likeliest
        asked.send((mutant.number, likeliest))
        while asked.poll(SECONDS_A_TEST):
            what, test = _heard(asked)
            if what == "gone":
                break
            if what != "begins":
                return Fate(mutant, what, test)
            latest = test
        self.end()
        return Fate(mutant, "ended", latest)

    def end(self) -> None:
        if self._running is not None:
            process, asked = self._running
            process.kill()
            process.join()
            asked.close()
            self._running = None

    def _begun(self) -> Connection:
        if self._running is None:
            context = get_context("spawn")
            asked, asks = context.Pipe()
            process = context.Process(target=work, args=(asks, self._files), daemon=True)
            process.start()
            asks.close()
            self._running = process, asked
            if not asked.poll(SECONDS_TO_BEGIN) or _heard(asked)[0] != "ready":
                raise RuntimeError("the tests cannot be collected: run them with pytest to see why")
        return self._running[1]


def _heard(asked: Connection) -> tuple[str, str]:
    try:
        return asked.recv()
    except EOFError:
        return "gone", ""
