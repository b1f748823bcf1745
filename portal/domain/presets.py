"""Knows how a preset gets into a form of which somebody typed a part: what he typed stays his."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, object]
# A method goes with a port: where somebody typed one of the two, the preset's other one would not fit it.
_TOGETHER = frozenset({"port", "encryption"})


@dataclass(frozen=True, slots=True)
class Filling:
    """`changes` are the fields that get another value, `filled` all that hold the preset's afterwards.

    `kept` are those in which something else was typed.
    """

    changes: Values
    filled: tuple[str, ...]
    kept: tuple[str, ...]


def fill(now: Values, preset: Values, *, before: Values, defaults: Values, over: bool = False) -> Filling:
    """Put a preset into a form that holds `now`; with `over` even where something else was typed.

    A field is nobody's as long as it is empty, or holds its default or what the preset chosen `before` put there.
    What that one filled and this one says nothing of goes back to its default.
    """

    def is_free(name: str) -> bool:
        return now[name] in {"", None, defaults[name]} or (name in before and now[name] == before[name])

    typed = {name for name, value in preset.items() if now[name] != value and not over and not is_free(name)}
    kept = tuple(name for name in preset if name in typed or (name in _TOGETHER and typed & _TOGETHER))
    left = {name: defaults[name] for name, value in before.items() if name not in preset and now[name] == value}
    filled = {name: value for name, value in preset.items() if name not in kept}
    changes = {name: value for name, value in {**left, **filled}.items() if now[name] != value}
    return Filling(changes, tuple(filled), kept)
