"""Every threat that the list names is answered by a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (T\d+) \|.*\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "threats.md").read_text())


def test_no_threat_is_left_out():
    assert [number for number, _, _ in ROWS] == [f"T{number}" for number in (*range(1, 23), 25, 26, 35)]


@pytest.mark.parametrize(("number", "file", "test"), ROWS)
def test_the_test_that_is_named_exists(number, file, test):
    assert f"\ndef {test}(" in (ROOT / file).read_text()
