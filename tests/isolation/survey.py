"""Knows which functions of the workshop each way uses, by looking on while it is asked."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.guards.inhabited import Inhabited
from tests.guards.routes import ways
from tests.isolation.asking import ask
from tests.isolation.cases import Case
from tests.isolation.relations import Relation

ROOT = Path(__file__).parents[2]
_WORKSHOP = (str(ROOT / "portal" / "store"), str(ROOT / "portal" / "services"), str(ROOT / "portal" / "domain"))
# Those who are let in furthest: once with what is theirs, and one of them with every form there is.
_WHO = ("Pia", "Rex", "Cal")
_WITH_FORMS = "Rex"

Function = tuple[str, str]


def functions_used(town: Inhabited, cases: list[Case]) -> dict[Function, frozenset[str]]:
    """By module and qualified name of a function, the names of the ways that call it."""
    found: dict[Function, set[str]] = {}
    seen: set[tuple[str, str, str]] = set()
    for case in cases:
        key = case.way.name, case.visitor.name, case.slot
        is_plain = case.visitor.name in _WHO and case.relation is Relation.OWN
        if key in seen or not (is_plain or (case.visitor.name == _WITH_FORMS and "the " in case.slot)):
            continue
        seen.add(key)
        with _looking_on() as used:
            ask(town, case.visitor, case.way, case.ids, case.fields)
        for each in used:
            found.setdefault(each, set()).add(case.way.name)
    assert {name for names in found.values() for name in names} <= {way.name for way in ways(town.app)}
    return {each: frozenset(names) for each, names in found.items()}


@contextmanager
def _looking_on() -> Iterator[set[Function]]:
    used: set[Function] = set()

    def look(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_WORKSHOP):
            used.add((_module(frame.f_code.co_filename), frame.f_code.co_qualname))

    sys.setprofile(look)
    try:
        yield used
    finally:
        sys.setprofile(None)


def _module(filename: str) -> str:
    return ".".join(Path(filename).relative_to(ROOT).with_suffix("").parts)
