"""Knows how workers on other machines are woken: a wake-up for each lane with work, by way of the broker."""

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from logging import Logger

from portal.domain.outgoing import Lane

_BETWEEN = 0.05  # seconds: commits in a row ring once


class Bell:
    """Rings in a thread of its own: nobody's page waits for a broker, and none fails because that is gone.

    `waiting` tells the lanes with work, `ring` sends one wake-up. What is not rung is found by the next tick.
    """

    def __init__(
        self,
        *,
        waiting: Callable[[], tuple[Lane, ...]],
        ring: Callable[[Lane], None],
        surroundings: Callable[[], AbstractContextManager[object]],
        logger: Logger,
    ) -> None:
        self._waiting = waiting
        self._ring = ring
        self._surroundings = surroundings
        self._logger = logger
        self._news = threading.Event()
        self._ended = threading.Event()
        self._guard = threading.Lock()
        self._process = 0
        self._is_out_of_order = False

    def start(self) -> None:
        """Nothing happens before the first news: those who deliver look for what is left by themselves."""

    def tell(self) -> None:
        """There is something new."""
        self._news.set()
        with self._guard:
            if self._process != os.getpid():  # a thread does not survive a fork
                self._process = os.getpid()
                threading.Thread(target=self._run, name="bell", daemon=True).start()

    def stop(self) -> None:
        """Ring no more."""
        self._ended.set()
        self._news.set()

    def _run(self) -> None:
        while self._news.wait() and not self._ended.is_set():
            self._news.clear()
            self._ring_all()
            self._ended.wait(_BETWEEN)

    def _ring_all(self) -> None:
        try:
            with self._surroundings():
                for lane in self._waiting():
                    self._ring(lane)
        except Exception:
            if not self._is_out_of_order:  # once per outage
                self._logger.exception("workers could not be woken; they look for themselves")
            self._is_out_of_order = True
        else:
            self._is_out_of_order = False
