"""Knows which process delivers: whoever holds the lock of a file, which the kernel releases when that process dies."""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from portal.domain.owners import new_key


class Post(Protocol):
    """The right to deliver, as long as this process lives and can be seen to live."""

    @property
    def is_held(self) -> bool: ...
    @property
    def key(self) -> int: ...
    @property
    def hears_others(self) -> bool: ...
    def take(self, told: Callable[[], None], /) -> bool: ...
    def release(self) -> None: ...


def is_taken(path: Path) -> bool:
    """Whether any process holds the lock of a file, this one included."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class ProcessLock:
    """A lock on a file. Liveness by lock, not by clock: a killed process loses it at once, and the next has it at once.

    It is held by one process at a time, and within it by one of these objects.
    """

    def __init__(self, path: Path) -> None:
        self._key = new_key()
        self._path = path
        self._descriptor: int | None = None
        self._given_up = False
        self._guard = threading.Lock()

    @property
    def is_held(self) -> bool:
        return self._descriptor is not None

    @property
    def key(self) -> int:
        return self._key

    @property
    def hears_others(self) -> bool:
        """Whether `told` is called for what other processes write, too."""
        return False

    def take(self, _told: Callable[[], None]) -> bool:
        """Wait until nobody else holds the lock, and take it; False if it was released before it was taken.

        No news come from other processes: SQLite has no way to tell them.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with self._guard:
            if self._given_up:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
            return True

    def release(self) -> None:
        """Let go of the lock, or of the wish for it: whoever waits in `take` gets nothing."""
        with self._guard:
            self._given_up = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
