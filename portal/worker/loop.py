"""Knows how work is found and spread over a few sender threads inside the one serving process."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from logging import Logger
from pathlib import Path
from uuid import uuid4

from portal.services.delivering import Delivering
from portal.services.trial_runs import TrialRuns
from portal.worker.lock import ProcessLock

_LOOK_EVERY = 0.25  # seconds between two looks at an idle outbox
_SWEEP_EVERY = 20.0  # seconds between two sweeps over expired and uncertain mail
_STANDBY = 1.0  # seconds between two tries to become the delivering process


class Loop:
    """One coordinator thread and `senders` sender threads, one of which is kept for whoever is waiting.

    `surroundings` opens the application's context around each piece of work.
    """

    def __init__(
        self,
        *,
        delivering: Delivering,
        trials: TrialRuns,
        surroundings: Callable[[], AbstractContextManager[object]],
        lock_file: Path,
        senders: int,
        logger: Logger,
    ) -> None:
        self._delivering = delivering
        self._trials = trials
        self._surroundings = surroundings
        self._lock = ProcessLock(lock_file)
        self._logger = logger
        self._owner = uuid4()
        self._free = threading.Semaphore(senders)
        self._free_for_all = threading.Semaphore(senders - 1)
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="sender")
        self._ended = threading.Event()
        self._coordinator = threading.Thread(target=self._coordinate, name="coordinator", daemon=True)

    def start(self) -> None:
        """Begin to deliver, as soon as no other process does."""
        self._coordinator.start()

    def stop(self) -> None:
        """Take no new work, wait for what is under way, and let another process deliver."""
        self._ended.set()
        if self._coordinator.is_alive():
            self._coordinator.join()
        self._pool.shutdown(wait=True)
        self._lock.release()

    def _coordinate(self) -> None:
        while not self._lock.try_take():
            if self._ended.wait(_STANDBY):
                return
        self._guarded(self._recover)
        waited = _SWEEP_EVERY
        while not self._ended.is_set():
            if waited >= _SWEEP_EVERY:
                waited = 0.0
                self._guarded(self._sweep)
            if not self._guarded(self._spread):
                self._ended.wait(_LOOK_EVERY)
                waited += _LOOK_EVERY

    def _recover(self) -> bool:
        self._delivering.recover(self._owner)
        self._trials.recover(self._owner)
        return True

    def _sweep(self) -> bool:
        self._delivering.sweep()
        self._trials.forget_passwords()
        return True

    def _spread(self) -> bool:
        """Hand out one piece of work, most urgent first; False when there is none or nobody is free."""
        return self._spread_trial() or self._spread_mail(interactive_only=True) or self._spread_bulk()

    def _spread_trial(self) -> bool:
        if not self._free.acquire(blocking=False):
            return False
        trial_id = self._trials.claim(self._owner)
        if trial_id is None:
            self._free.release()
            return False
        self._submit(lambda: self._trials.perform(trial_id), self._free)
        return True

    def _spread_bulk(self) -> bool:
        """Ordinary mail may occupy all senders but one."""
        if not self._free_for_all.acquire(blocking=False):
            return False
        if self._spread_mail(interactive_only=False, also=self._free_for_all):
            return True
        self._free_for_all.release()
        return False

    def _spread_mail(self, *, interactive_only: bool, also: threading.Semaphore | None = None) -> bool:
        if not self._free.acquire(blocking=False):
            return False
        message_id = self._delivering.claim(self._owner, interactive_only=interactive_only)
        if message_id is None:
            self._free.release()
            return False
        places = (self._free, also) if also else (self._free,)
        self._submit(lambda: self._delivering.deliver(message_id, self._owner), *places)
        return True

    def _submit(self, work: Callable[[], None], *places: threading.Semaphore) -> None:
        def free(_done: Future[bool]) -> None:
            for place in places:
                place.release()

        def one_piece() -> bool:
            work()
            return True

        self._pool.submit(self._guarded, one_piece).add_done_callback(free)

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """Run one piece of work; a bug in it is logged and never ends the loop."""
        try:
            with self._surroundings():
                return work()
        except Exception:
            self._logger.exception("a piece of delivery work failed")
            return False
