"""Knows the master keys: newest first, each with a name that is written into everything it seals."""

from collections.abc import Iterable
from dataclasses import dataclass, field


class UnknownKeyError(LookupError):
    """A sealed value names a key that is not in the ring."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Named 32-byte keys. The first seals; every one opens."""

    keys: tuple[tuple[str, bytes], ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) != 32 for _, key in self.keys):
            raise ValueError("a key ring holds at least one key, each of 32 bytes")

    @classmethod
    def of(cls, keys: Iterable[tuple[str, bytes]]) -> "KeyRing":
        return cls(tuple(keys))

    @property
    def current(self) -> tuple[str, bytes]:
        return self.keys[0]

    def named(self, name: str) -> bytes:
        for known, key in self.keys:
            if known == name:
                return key
        raise UnknownKeyError(name)
