"""Every threat that the list names is answered by a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([TAB]\d+) \|.*\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "threats.md").read_text())


def test_no_threat_is_left_out():
    numbers = [number for number, _, _ in ROWS]

    assert [each for each in numbers if each.startswith("T")] == [
        f"T{number}" for number in (*range(1, 23), 25, 26, 35)
    ]
    assert [each for each in numbers if each.startswith("A")] == [f"A{number}" for number in range(1, 7)]
    assert [each for each in numbers if each.startswith("B")] == [f"B{number}" for number in range(1, 12)]


@pytest.mark.parametrize(("number", "file", "test"), ROWS)
def test_the_test_that_is_named_exists(number, file, test):
    assert f"\ndef {test}(" in (ROOT / file).read_text()
