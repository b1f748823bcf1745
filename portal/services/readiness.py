"""Knows whether the portal can do its work: the database answers, and mail that is due is taken up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from portal.services.places import Clock
from portal.store import queue_holds, turns
from portal.store.db import SYSTEM, reading

# Mail is taken up within a second. What is still due after this time waits for a server that others keep busy, or
# for somebody who delivers.
_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Ready:
    """Without the database nothing works; mail that is late is a reason to look, not to stop.

    A held queue is what the operator wants.
    """

    database: bool
    delivers: bool
    is_late: bool
    is_held: bool

    @property
    def all_works(self) -> bool:
        return self.database and self.delivers


@dataclass(frozen=True, slots=True)
class Readiness:
    """`delivers` tells whether some process on this machine delivers."""

    clock: Clock
    delivers: Callable[[], bool]

    def look(self) -> Ready:
        try:
            with reading(SYSTEM) as session:
                now = self.clock()
                is_late = turns.is_anything_due_since(session, now - _LATE, now)
                is_held = queue_holds.find(session) is not None
        except SQLAlchemyError:
            return Ready(database=False, delivers=self.delivers(), is_late=False, is_held=False)
        return Ready(database=True, delivers=self.delivers(), is_late=is_late, is_held=is_held)
