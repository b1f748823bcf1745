"""Every threat that the list names is answered by a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threats.md").read_text()
ROW = re.compile(r"^\| ([TABCN]\d+) \|.*\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall(TEXT)
# What it would take does not exist, and the row says what that is.
NOT_BUILT = re.findall(r"^\| (T\d+) \|.*\| \*not built\*: \w.* \| – \|$", TEXT, re.MULTILINE)


def test_no_threat_is_left_out():
    answered = [number for number, _, _ in ROWS if number.startswith("T")] + NOT_BUILT
    assert sorted(answered, key=lambda number: int(number[1:])) == [f"T{number}" for number in range(1, 51)]


@pytest.mark.parametrize("letter", ["A", "B", "C", "N"])
def test_those_that_were_found_later_are_numbered_too(letter):
    found = [number for number, _, _ in ROWS if number.startswith(letter)]
    assert found == [f"{letter}{number}" for number in range(1, len(found) + 1)]
    assert found


@pytest.mark.parametrize(("number", "file", "test"), ROWS)
def test_the_test_that_is_named_exists(number, file, test):
    assert f"\ndef {test}(" in (ROOT / file).read_text()
