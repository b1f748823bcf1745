"""Knows which signed-in connections rest between two mails, how long they may, and when they have to go."""

import threading
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from portal.mail.connection import Session
from portal.mail.deadlines import Clock

# Servers hang up on silent clients after some minutes, some of them sooner; a connection that is wanted is wanted soon.
LONGEST_REST = 15.0  # seconds
LONGEST_LIFE = 600.0  # seconds
MOST_MAILS = 100  # over one connection: many servers count, and some of them refuse the next
MOST_PER_OWNER = 2
MOST = 16
_MOST_LEARNT = 1_000


@dataclass(frozen=True, slots=True)
class Key:
    """What a connection may be used for: one version of one configuration."""

    owner: Hashable
    version: int


@dataclass(frozen=True, slots=True)
class _Resting:
    key: Key
    session: Session
    since: float


@dataclass(slots=True)
class Pool:
    """Connections of several threads. Whatever is taken out belongs to the taker until it is put back.

    `clock` is monotonic. A connection says goodbye when it goes, outside of the lock.
    """

    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _resting: list[_Resting] = field(default_factory=list)
    _one_by_one: set[Key] = field(default_factory=set)

    def take(self, key: Key) -> Session | None:
        """The connection for `key` that was used last, or None. Those of another version of its owner go."""
        self.sweep()
        with self._lock:
            outdated = [each for each in self._resting if each.key.owner == key.owner and each.key != key]
            found = next((each for each in reversed(self._resting) if each.key == key), None)
            self._resting = [each for each in self._resting if each is not found and each not in outdated]
        _dismiss(outdated)
        return found.session if found else None

    def put(self, key: Key, session: Session) -> None:
        """Let a connection rest, unless it is worn out or nobody could use it again: then it goes."""
        now = self.clock()
        resting = _Resting(key, session, now)
        if not session.is_idle or session.mails >= MOST_MAILS or now - session.opened_at >= LONGEST_LIFE:
            _dismiss([resting])
            return
        with self._lock:
            self._resting.append(resting)
            surplus = self._surplus(key)
            self._resting = [each for each in self._resting if each not in surplus]
        _dismiss(surplus)

    def sweep(self) -> None:
        """Dismiss those that rest for too long."""
        latest = self.clock() - LONGEST_REST
        with self._lock:
            tired = [each for each in self._resting if each.since <= latest]
            self._resting = [each for each in self._resting if each.since > latest]
        _dismiss(tired)

    def close(self) -> None:
        """Dismiss all of them."""
        with self._lock:
            leaving, self._resting = self._resting, []
        _dismiss(leaving)

    def announces(self, key: Key) -> bool:
        """Whether a mail may be announced along with the end of the mail before it."""
        return key not in self._one_by_one

    def learn_one_by_one(self, key: Key) -> None:
        """Remember, while the portal runs, a server that wants each mail offered only when the last one is over."""
        with self._lock:
            if len(self._one_by_one) >= _MOST_LEARNT:
                self._one_by_one.clear()
            self._one_by_one.add(key)

    def _surplus(self, key: Key) -> list[_Resting]:
        """The oldest ones beyond what may rest for one owner, or altogether."""
        of_owner = [each for each in self._resting if each.key.owner == key.owner]
        return of_owner[:-MOST_PER_OWNER] or self._resting[:-MOST]


def _dismiss(leaving: Iterable[_Resting]) -> None:
    for each in leaving:
        each.session.quit()
