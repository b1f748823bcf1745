"""Knows how people's own passwords are judged, hashed and compared: argon2id through passlib's context."""

from dataclasses import dataclass

from passlib.context import CryptContext

from portal.domain.errors import InvalidError, Problem
from portal.domain.secret import Secret

SHORTEST = 8
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Passphrases:
    context: CryptContext

    def hashed(self, password: Secret) -> str:
        """Length is what counts (ASVS 6.2.1, 6.2.5, 6.2.9): no rules of composition. Raises InvalidError."""
        length = len(password.reveal())
        if length < SHORTEST:
            raise InvalidError([Problem("password", "too-short", {"shortest": SHORTEST})])
        if length > LONGEST:
            raise InvalidError([Problem("password", "too-long", {"longest": LONGEST})])
        try:
            return self.context.hash(password.reveal())
        except UnicodeError:
            raise InvalidError([Problem("password", "bad-character")]) from None

    def matches(self, password: Secret, known: str | None) -> bool:
        """Compare; without a known hash the same work is done, so that time tells nothing."""
        try:
            if known is None:
                self.context.dummy_verify()
                return False
            return self.context.verify(password.reveal()[: LONGEST + 1], known)
        except UnicodeError:
            return False

    def refreshed(self, password: Secret, known: str) -> str | None:
        """A new hash where the known one is weaker than today's settings ask for."""
        return self.context.hash(password.reveal()) if self.context.needs_update(known) else None
