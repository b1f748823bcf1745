"""Knows that there is something new to do, and tells whoever delivers as soon as it is committed."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from portal.store.db import afterwards

_listeners: WeakKeyDictionary[Engine, Callable[[], None]] = WeakKeyDictionary()


def listen(engine: Engine, told: Callable[[], None]) -> None:
    """From now on call `told` whenever work for this database was committed in this process."""
    _listeners[engine] = told


def announce(session: Session) -> None:
    """What this transaction writes is work for whoever delivers."""
    told = _listeners.get(session.get_bind().engine)
    if told is not None:
        afterwards(session, told)
