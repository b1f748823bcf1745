"""Knows whether anybody has written to an SQLite database meanwhile, without reading anything of it."""

import sqlite3
import threading

from portal.store import snapshots


class Changes:
    """A connection of its own, to which SQLite tells that others have committed (`PRAGMA data_version`).

    PostgreSQL says by itself what is new, and is not asked.
    """

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._seen = 0
        self._guard = threading.Lock()

    def mark(self) -> None:
        """What is committed from now on counts, by this process or another one."""
        with self._guard:
            if self._connection is None and (place := snapshots.place()) is not None:
                self._connection = sqlite3.connect(place, check_same_thread=False)
            if self._connection is not None:
                self._seen = _version_by(self._connection)

    def are_there(self) -> bool:
        """Whether anything was committed since the mark; True also where nobody can tell."""
        with self._guard:
            try:
                return self._connection is None or _version_by(self._connection) != self._seen
            except sqlite3.Error:
                return True

    def close(self) -> None:
        """Give up the connection; the next mark opens another one."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _version_by(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)
