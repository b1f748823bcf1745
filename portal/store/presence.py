"""Knows which processes deliver from a PostgreSQL database: each holds a lock there for as long as it is connected."""

import os
import select
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.owners import new_key
from portal.store.db import SYSTEM, reading

NEWS = "portal_work"  # the channel on which a commit tells that there is something to do

_CLASS = 1382378594  # of our locks; any number that nobody else in this database uses
_TAKE = "SELECT pg_try_advisory_lock(%s, %s)"
_KEYS = text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
    " AND classid = :ours AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_BETWEEN_TRIES = 1.0  # seconds until a server that is gone is asked for again


def keys(session: Session) -> frozenset[int]:
    """Whoever delivers from this database right now; on SQLite, where a file says who does, nobody."""
    if session.get_bind().dialect.name != "postgresql":
        return frozenset()
    return frozenset(session.scalars(_KEYS, {"ours": _CLASS}))


def is_anybody_present() -> bool:
    """Whether any process delivers from this database; False also where it does not answer."""
    try:
        with reading(SYSTEM) as session:
            return bool(keys(session))
    except SQLAlchemyError:
        return False


class Presence:
    """A lock of this process under a key of its own, on a connection of its own.

    Liveness by lock, not by clock: the server lets go of it as soon as the connection ends. A connection that was cut
    is made anew, with a new key: what was begun under the old one is no longer this process's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._key = 0
        self._connection: psycopg.Connection[Any] | None = None
        self._ended = threading.Event()
        self._ear, self._mouth = -1, -1  # a pipe that wakes the listener; made where it is needed, after any fork
        self._listener: threading.Thread | None = None
        self._guard = threading.Lock()

    @property
    def is_held(self) -> bool:
        return self._connection is not None

    @property
    def key(self) -> int:
        """By which others know what is in the hands of this process."""
        return self._key

    @property
    def hears_others(self) -> bool:
        return True

    def take(self, told: Callable[[], None]) -> bool:
        """Wait until the server knows this process, and call `told` from then on whenever there is something new.

        Returns False if it was released before.
        """
        while not self._connected():
            if self._ended.wait(_BETWEEN_TRIES):
                return False
        self._ear, self._mouth = os.pipe()
        self._listener = threading.Thread(target=self._listen, args=(told,), name="presence", daemon=True)
        self._listener.start()
        return True

    def release(self) -> None:
        """Let go of the lock, or of the wish for it."""
        self._ended.set()
        if self._listener is not None:
            os.write(self._mouth, b".")
            self._listener.join()
            os.close(self._ear)
            os.close(self._mouth)
            self._listener = None
        self._let_go()

    def _listen(self, told: Callable[[], None]) -> None:
        while not self._ended.is_set():
            connection = self._connection
            if connection is None:
                if self._connected():
                    told()
                else:
                    self._ended.wait(_BETWEEN_TRIES)
                continue
            try:
                select.select([connection.fileno(), self._ear], [], [])
                if any(True for _ in connection.notifies(timeout=0)):
                    told()
            except psycopg.Error:
                self._let_go()

    def _connected(self) -> bool:
        connection = None
        try:
            connection = self._connect()
            key = new_key()
            (is_ours,) = connection.execute(_TAKE, (_CLASS, key)).fetchone() or (False,)
            connection.execute(f"LISTEN {NEWS}")
        except psycopg.Error:
            is_ours = False
        if connection is None:
            return False
        if not is_ours:
            connection.close()
            return False
        with self._guard:
            self._key, self._connection = key, connection
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        """A connection that no pool ever gives to anybody else."""
        arguments, named = self._engine.dialect.create_connect_args(self._engine.url)
        return psycopg.connect(*arguments, autocommit=True, **named)

    def _let_go(self) -> None:
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
