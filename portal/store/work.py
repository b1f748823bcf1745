"""Knows that there is something new to do, and tells whoever delivers as soon as it is committed."""

from collections.abc import Callable
from weakref import WeakKeyDictionary, WeakMethod

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from portal.store.db import afterwards
from portal.store.prepared import tell
from portal.store.presence import NEWS

_NOTIFY = f"NOTIFY {NEWS}"

# Weak on both sides: whoever delivers knows the application, and so the engine, which would keep itself alive.
_listeners: WeakKeyDictionary[Engine, WeakMethod[Callable[[], None]]] = WeakKeyDictionary()


def listen(engine: Engine, told: Callable[[], None]) -> None:
    """From now on call the method `told` whenever work for this database was committed in this process.

    Its object is not kept alive by that.
    """
    _listeners[engine] = WeakMethod(told)


def announce(session: Session) -> None:
    """What this transaction writes is work for whoever delivers: with PostgreSQL in whatever process."""
    engine = session.get_bind().engine
    if engine.dialect.name == "postgresql":
        tell(session, _NOTIFY)
    listener = _listeners.get(engine)
    if listener is not None and (told := listener()) is not None:
        afterwards(session, told)
