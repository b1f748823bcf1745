"""Knows which requirement numbers exist, and that each is either claimed by a test or listed as open."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
OPEN = Path(__file__).with_name("open_requirements.txt")
ITEMS_PER_SOURCE = {"S0": 20, "S1": 33, "S2": 18, "S3": 26, "S4": 20}
KNOWN = frozenset(f"{source}.{item}" for source, count in ITEMS_PER_SOURCE.items() for item in range(1, count + 1))


def test_every_requirement_is_claimed_by_a_test_or_listed_as_open():
    claimed, listed = set(claims()), set(listed_as_open())

    to_add, to_remove = KNOWN - claimed - listed, listed & claimed

    assert (to_add, to_remove) == (set(), set()), (
        f"\nadd to {OPEN.name}: {in_order(to_add)}\nremove from {OPEN.name}: {in_order(to_remove)}"
    )


def test_every_number_that_is_claimed_or_listed_exists():
    unknown = {number: place for number, place in claims().items() if number not in KNOWN}

    assert unknown == {}
    assert set(listed_as_open()) - KNOWN == set()


def test_the_list_of_open_requirements_names_each_once_and_in_order():
    assert listed_as_open() == in_order(set(listed_as_open()))


def claims():
    """Every number in a `pytest.mark.req(…)` under tests/, with a place where it stands."""
    return {
        number: f"{path.relative_to(TESTS).as_posix()}:{node.lineno}"
        for path in sorted(TESTS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.req")
        for number in map(ast.literal_eval, node.args)
    }


def listed_as_open():
    lines = OPEN.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def in_order(numbers):
    return sorted(numbers, key=lambda number: [int(part) for part in number.removeprefix("S").split(".")])
