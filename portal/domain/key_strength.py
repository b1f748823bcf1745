"""Knows when a key cannot have been made by chance: it repeats itself, counts, was typed, or stands in an example."""

import itertools
from collections.abc import Sequence
from enum import StrEnum

# By chance 32 bytes have about 30 different ones, and 32 hexadecimal digits about 14; fewer than this never happens.
_FEWEST_BYTES, _FEWEST_CHARACTERS = 16, 8
# Placeholders in examples. By chance one of them stands in a key once in ten million times.
_WORDS = (
    *("changeme", "change-me", "change_me", "default", "development", "example", "insecure", "password", "placeholder"),
    *("qwertz", "qwerty", "relaytree", "replace", "secret", "production", "12345678", "abcdefgh"),
)


class Weakness(StrEnum):
    """Why a key is easy to guess."""

    FEW = "few"
    REPEATS = "repeats"
    COUNTS = "counts"
    WORD = "word"
    TYPED = "typed"


def weakness_of_key(key: bytes) -> Weakness | None:
    """What is weak about a key of 32 bytes; None where it may well come from a random number generator."""
    if weakness := _pattern(key):
        return weakness
    # All of 32 random bytes are printable once in 10^13 times: then it is a password and no key.
    if all(32 <= byte < 127 for byte in key):
        return Weakness.TYPED
    return Weakness.FEW if len(set(key)) < _FEWEST_BYTES else None


def weakness_of_text(text: str) -> Weakness | None:
    """The same of a secret that is text."""
    if any(word in text.casefold() for word in _WORDS):
        return Weakness.WORD
    if weakness := _pattern(text.encode()):
        return weakness
    return Weakness.FEW if len(set(text)) < _FEWEST_CHARACTERS else None


def _pattern(key: Sequence[int]) -> Weakness | None:
    """Whether it is one short piece again and again, or mostly goes on by the same step."""
    for period in range(1, len(key) // 2 + 1):
        if all(key[place] == key[place - period] for place in range(period, len(key))):
            return Weakness.REPEATS
    steps = [after - before for before, after in itertools.pairwise(key)]
    commonest = max((steps.count(step) for step in set(steps)), default=0)
    return Weakness.COUNTS if commonest * 2 > len(steps) else None
