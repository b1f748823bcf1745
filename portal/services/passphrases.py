"""Knows how people's own passwords are judged, hashed and compared: argon2id through passlib's context."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from passlib.context import CryptContext

from portal.domain.errors import InvalidError, Problem
from portal.domain.passphrases import LONGEST, SHORTEST, besides, words_about
from portal.domain.secret import Secret
from portal.services.weak_passwords import is_common, is_stolen

# One hash takes 64 MiB: however many sign in at once, a process takes four times that (ASVS 15.2.2).
MOST_AT_ONCE = 4
_PLACES = BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Passphrases:
    context: CryptContext
    stolen: Path | None = None

    def hashed(self, password: Secret, *about: str) -> str:
        """Length is what counts (ASVS 6.2.1, 6.2.5, 6.2.9): no rules of composition.

        `about` are names and addresses that anybody would try for this person. Raises InvalidError.
        """
        problem = problem_with(password.reveal(), words_about(*about), self.stolen)
        if problem is not None:
            raise InvalidError([problem])
        try:
            with _PLACES:
                return self.context.hash(password.reveal())
        except UnicodeError:
            raise InvalidError([Problem("password", "bad-character")]) from None

    def matches(self, password: Secret, known: str | None) -> bool:
        """Compare; without a known hash the same work is done, so that time tells nothing."""
        try:
            with _PLACES:
                if known is None:
                    self.context.dummy_verify()
                    return False
                return self.context.verify(password.reveal()[: LONGEST + 1], known)
        except UnicodeError:
            return False

    def refreshed(self, password: Secret, known: str) -> str | None:
        """A new hash where the known one is weaker than today's settings ask for."""
        if not self.context.needs_update(known):
            return None
        with _PLACES:
            return self.context.hash(password.reveal())


def problem_with(password: str, words: Iterable[str], stolen: Path | None) -> Problem | None:
    """What is wrong with a new password, if anything: the first thing that its chooser has to know."""
    if len(password) < SHORTEST:
        return Problem("password", "too-short", {"shortest": SHORTEST})
    if len(password) > LONGEST:
        return Problem("password", "too-long", {"longest": LONGEST})
    rest = besides(password, words)
    if len(rest) < SHORTEST or (is_common(rest) and not is_common(password)):
        return Problem("password", "names-alone")
    if is_common(password):
        return Problem("password", "common")
    if stolen is not None and is_stolen(password, stolen):
        return Problem("password", "stolen")
    return None
