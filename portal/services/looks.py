"""Knows whether there is anything to do, so that nobody asks for the lock of those who write where there is not."""

from dataclasses import dataclass, field

from portal.domain.work import Waiting
from portal.services.places import Clock
from portal.store import looks
from portal.store.changes import Changes
from portal.store.db import SYSTEM, reading


@dataclass(frozen=True, slots=True)
class Looks:
    """`checks` says whether configurations are checked by the clock at all."""

    clock: Clock
    checks: bool
    changes: Changes = field(default_factory=Changes)

    def waiting(self) -> Waiting:
        self.changes.mark()
        with reading(SYSTEM) as session:
            return looks.waiting(session, self.clock(), checks=self.checks)

    def is_outdated(self) -> bool:
        """Whether anybody wrote anything since the last look, in SQLite; asked of PostgreSQL, which tells it, True."""
        return self.changes.are_there()

    def close(self) -> None:
        """Look no more."""
        self.changes.close()
