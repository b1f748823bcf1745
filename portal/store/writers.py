"""Knows the line in which the writers of one process wait for SQLite: whoever came first goes first."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

from portal.domain.errors import BusyError

# Seconds. Behind fifteen others a write waits for some tenths of one; a sweep, or a move of many, may take a few.
PATIENCE = 10.0


class Line:
    """SQLite lets one writer in, and has the others look again after a while: the more there are, the likelier is one
    of them overlooked until its time is over (`busy_timeout`). Here each is called when it is its turn.

    Other processes, which have no business in the file but for commands of the operator, are not in the line.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Raises BusyError where the turn does not come within PATIENCE; nothing was done then."""
        self._wait()
        try:
            yield
        finally:
            self._call_next()

    def _wait(self) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            called = Lock()
            called.acquire()
            self._waiting.append(called)
        if called.acquire(timeout=PATIENCE):
            return
        with self._guard:
            if called not in self._waiting:
                return  # it was called in this very moment
            self._waiting.remove(called)
        raise BusyError

    def _call_next(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_lines: WeakKeyDictionary[Engine, Line] = WeakKeyDictionary()


def line_before(engine: Engine) -> Line:
    """The one line of whoever writes through this engine."""
    return _lines.setdefault(engine, Line())
