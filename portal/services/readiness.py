"""Knows whether the portal can do its work: the database answers, there is room, and mail that is due is taken up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from portal.domain.errors import Trouble, UnavailableError
from portal.services.places import Clock
from portal.store import queue_holds, room, turns
from portal.store.db import SYSTEM, reading

# Mail is taken up within a second. What is still due after this time waits for a server that others keep busy, or
# for somebody who delivers.
LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Ready:
    """Without the database nothing works, without room nothing is kept; mail that is late is a reason to look.

    A held queue is what the operator wants. `database` and `disk` are what is wrong with them, None where nothing is.
    """

    database: Trouble | None
    disk: Trouble | None
    delivers: bool
    is_late: bool
    is_held: bool

    @property
    def all_works(self) -> bool:
        return self.database is None and self.delivers and self.disk is None


@dataclass(frozen=True, slots=True)
class Readiness:
    """`delivers` tells whether some process on this machine delivers. `folders` are those that are written to."""

    clock: Clock
    delivers: Callable[[], bool]
    folders: tuple[Path, ...]

    def look(self) -> Ready:
        disk, delivers = room.trouble_in(self.folders), self.delivers()
        try:
            with reading(SYSTEM) as session:
                now = self.clock()
                is_late = turns.is_anything_due_since(session, now - LATE, now)
                is_held = queue_holds.find(session) is not None
        except (SQLAlchemyError, UnavailableError) as error:
            trouble = error.trouble if isinstance(error, UnavailableError) else Trouble.GONE
            return Ready(database=trouble, disk=disk, delivers=delivers, is_late=False, is_held=False)
        return Ready(database=None, disk=disk, delivers=delivers, is_late=is_late, is_held=is_held)

    def judged(self, oldest: datetime | None, *, is_held: bool) -> Ready:
        """The same for whoever has read already since when the first mail is due, and whether the queue is held."""
        is_late = oldest is not None and oldest <= self.clock() - LATE
        disk = room.trouble_in(self.folders)
        return Ready(database=None, disk=disk, delivers=self.delivers(), is_late=is_late, is_held=is_held)
