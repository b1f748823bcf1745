"""No form can be filled in, or left out, in a way that breaks the portal."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures_portal import Clock
from tests.guards.inhabited import Inhabited, everything, inhabiting
from tests.guards.routes import Way, ways
from tests.isolation.asking import fields_read

ODD = {
    "left out": None,
    "empty": "",
    "NUL": "a\0b",
    "a number beyond all columns": "9" * 20,
    "a mark that turns the text around": "a\u202eb",
    "very long": "x" * 5000,
}

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def town(empty_database: Path, tmp_path_factory: pytest.TempPathFactory):
    with inhabiting(tmp_path_factory.mktemp("input"), empty_database, Clock()) as found:
        yield found


def test_any_one_field_that_is_read_may_be_left_out_of_a_form(town):
    read = fields_read(town, ["Rex"])
    assert stumbles(town, lambda way: [{field: None} for field in sorted(read[way.name] & everything({}).keys())]) == []
    assert sum(map(len, read.values())) > 200


@pytest.mark.asvs("1.3.3", "2.2.2")
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_whatever_stands_in_all_fields_is_answered_and_not_stumbled_over(town, odd):
    assert stumbles(town, lambda _way: [dict.fromkeys(everything({}), odd)]) == []


@pytest.mark.parametrize("odd", [each for each in ODD.values() if each is not None], ids=list(ODD)[1:])
def test_whatever_stands_in_a_question_is_answered_and_not_stumbled_over(town, odd):
    rex, company = town["Rex"], town.companies[2]
    names = ("q", "select", "page", "before", "trial", "version", "preset", "next", "seen")
    ids = {**rex.ids, **company.ids}
    answers = [
        (way.name, name, rex.ask(town.app, "GET", town.url(way, ids), {name: odd}).status_code)
        for way in ways(town.app)
        if way.is_safe
        for name in names
    ]

    assert [each for each in answers if each[2] >= 500] == []


def stumbles(town: Inhabited, changes: Callable[[Way], list[dict[str, object]]]) -> list[str]:
    """What Rex, who may do everything in Sue's company, gets a 500 for."""
    rex, company = town["Rex"], town.companies[2]
    found = []
    for way in ways(town.app):
        for change in changes(way) if way.method == "POST" else ():
            form = {name: text for name, text in {**everything(company.ids), **change}.items() if text is not None}
            answer = rex.ask(town.app, way.method, town.url(way, company.ids), form)
            if town.records.has_changed():
                town.records.restore()
            if answer.status_code >= 500:
                found.append(f"{way.name}: {', '.join(change)}")
    return found
