"""Knows how often something may be done: a place is taken before the work is.

Where the work needs the place even if it fails, such as a guess, the caller takes it in a transaction of its own.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.domain.errors import TooManyError
from portal.domain.limits import Limit
from portal.services.places import Clock
from portal.store import limits


@dataclass(frozen=True, slots=True)
class Throttle:
    clock: Clock

    def take(self, session: Session, limit: Limit, whose: str) -> None:
        """Count one use. Raises TooManyError, with the seconds to wait, when the window is full."""
        now = self.clock()
        count, until = limits.take(session, f"{limit.name}:{whose}", limit.window, now)
        if count > limit.uses:
            raise TooManyError(limit.name, max(1, int((until - now) / timedelta(seconds=1))))

    def is_spent(self, session: Session, limit: Limit, whose: str) -> bool:
        """Whether the window is full, without counting anything."""
        return limits.uses(session, f"{limit.name}:{whose}", limit.window, self.clock()) >= limit.uses

    def give_back(self, session: Session, limit: Limit, whose: str) -> None:
        """Uncount one use that did no harm."""
        limits.give_back(session, f"{limit.name}:{whose}")

    def forget(self, session: Session, limit: Limit, whose: str) -> None:
        limits.clear(session, f"{limit.name}:{whose}")


def short_key(text: str) -> str:
    """A key of fixed length for whatever somebody typed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
