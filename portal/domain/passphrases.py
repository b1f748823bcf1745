"""Knows what makes a person's own password easy to guess: its length, and the words that anybody would try first."""

import re
from collections.abc import Iterable

SHORTEST = 8
LONGEST = 128
PRODUCT = "Relaytree"
# Shorter words stand in too many others to mean anything.
_SHORTEST_WORD = 4
_BREAKS = re.compile(r"[\W_]+")


def words_about(*texts: str) -> frozenset[str]:
    """The words in names and addresses, each by itself and run together, in small letters (ASVS 6.2.11)."""
    parts = [_BREAKS.sub(" ", text.casefold()).split() for text in (PRODUCT, *texts)]
    found = {word for words in parts for word in (*words, "".join(words))}
    return frozenset(word for word in found if len(word) >= _SHORTEST_WORD)


def besides(password: str, words: Iterable[str]) -> str:
    """What is left of a password, in small letters, where it holds any of these words: the rest has to do."""
    rest = whole = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return whole if rest == whole else _BREAKS.sub("", rest)
