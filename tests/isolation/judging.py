"""Knows what a leak is: a wrong status, an answer that differs from nothing's, a change, or somebody else's name."""

import re
from collections.abc import Iterator

from werkzeug.test import TestResponse

from tests.guards.inhabited import Inhabited, masked
from tests.isolation.asking import ask
from tests.isolation.cases import Case
from tests.isolation.expected import ABSENT, OPEN
from tests.isolation.relations import shown

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MARK = re.compile(r"bird[0-9a-f]{12}|nobody0{10}")


class Judge:
    """Keeps the answers about what never was: it does not change, and most cases are compared with one."""

    def __init__(self, town: Inhabited) -> None:
        self._town = town
        self._companies = {company.ids["tenant_id"] for company in town.companies}
        self._nothing: dict[object, object] = {}
        self._shown = {visitor.name: shown(town, visitor) for visitor in town.visitors}
        self._strange = {visitor.name: self._strange_to(visitor.name) for visitor in town.visitors}

    def leaks(self, case: Case) -> list[str]:
        try:
            answer, changed, touched = ask(self._town, case.visitor, case.way, case.ids, case.fields)
        except Exception as stumbled:  # noqa: BLE001 - whatever gets past the portal's own error page is wrong, too
            self._town.records.restore()
            return [f"{case.name}: stumbled with {type(stumbled).__name__}"]
        found = list(self._of_answer(case, answer))
        if changed and not case.expected & OPEN:
            found.append(f"changed {sorted(changed)}")
        strange = (touched & self._companies) - self._shown[case.visitor.name] - {case.told}
        if strange and not case.way.policy.is_public:
            found.append(f"changed what belongs to {sorted(map(str, strange))}")
        return [f"{case.name}: {answer.status_code} {each}" for each in found]

    def _of_answer(self, case: Case, answer: TestResponse) -> Iterator[str]:
        if answer.status_code not in case.expected:
            yield f"instead of {sorted(case.expected)}"
        elif case.like is not None and _to_compare(case, answer) != self.nothing(case):
            yield "differs from what does not exist"
        if "token" not in case.way.ids:
            text = f"{answer.headers}{answer.text}"
            yield from (
                f"names {each}"
                for each in self._strange[case.visitor.name]
                if each in text and each != case.typed and each not in self._handed_down(case)
            )

    def nothing(self, case: Case) -> object:
        key = case.visitor.name, case.way.name, case.slot, repr(case.like[0])
        if key not in self._nothing:
            answer, _changed, _touched = ask(self._town, case.visitor, case.way, *case.like)
            self._nothing[key] = _to_compare(case, answer)
        return self._nothing[key]

    def _handed_down(self, case: Case) -> list[str]:
        """What a page may say of the companies above: the brand that applies once one's own is given up."""
        if case.visitor.actor is None or case.way.rule.endpoint != "brandings.show":
            return []
        place = case.visitor.actor.tenant.path
        return [each.mark for each in self._town.companies if each.tenant and place.startswith(each.tenant.path)]

    def _strange_to(self, name: str) -> list[str]:
        companies = [each for each in self._town.companies if each.tenant]
        return [each.mark for each in companies if each.tenant.id not in self._shown[name]]


def _to_compare(case: Case, answer: TestResponse) -> tuple[object, ...]:
    """Byte by byte; where somebody may be let in, without the ids and names that he typed and is shown again."""
    status, headers, text = masked(answer)
    return (status, headers, text) if case.expected == ABSENT else (status, _stripped(repr(headers)), _stripped(text))


def _stripped(text: str) -> str:
    return _MARK.sub("", _ID.sub("", text))
