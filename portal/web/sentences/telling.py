"""Knows the shape in which an outcome is told: a badge, a sentence, likely causes and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "bad", "warn", "plain"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What people read of an outcome. `causes` stand likeliest first and are empty where nothing went wrong.

    `clause` is the sentence as it goes on behind a colon: it begins with a small letter where the language has them.
    """

    short: str
    tone: Tone
    clause: str
    causes: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def sentence(self) -> str:
        # Title case, not upper case: some scripts have capitals, but begin no sentence with them.
        return self.clause[:1].title() + self.clause[1:]


Telling = Callable[[], Outcome]
