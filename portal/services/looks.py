"""Knows whether there is anything to do, so that nobody asks for the lock of those who write where there is not."""

from dataclasses import dataclass, replace

from portal.domain.work import Waiting
from portal.services.places import Clock
from portal.store import looks
from portal.store.db import SYSTEM, reading


@dataclass(frozen=True, slots=True)
class Looks:
    """`checks` says whether configurations are checked by the clock at all."""

    clock: Clock
    checks: bool

    def waiting(self) -> Waiting:
        with reading(SYSTEM) as session:
            seen = looks.waiting(session, self.clock())
        return seen if self.checks else replace(seen, check=False)
