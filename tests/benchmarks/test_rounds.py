"""Benchmarks compare inside a round, go through it both ways, and name whoever is missing."""

import pytest

from benchmarks.page import keep
from benchmarks.rounds import MissingError, Sample, compare
from benchmarks.table import markdown


def contender(*walls, log=None, name=""):
    """Somebody who takes these seconds, one after the other."""
    times = iter(walls)

    def measure():
        if log is not None:
            log.append(name)
        wall = next(times)
        return Sample(wall, wall / 2)

    return measure


def absent():
    raise MissingError("it is not installed")


def test_a_ratio_is_taken_inside_its_round():
    rows = compare({"ours": contender(1, 2, 4), "theirs": contender(2, 8, 4)}, reference="theirs", rounds=3)

    assert rows[0].ratios == (2, 4, 1)
    assert (rows[0].ratio(), rows[0].ratio(min), rows[0].ratio(max)) == (2, 1, 4)
    assert rows[1].ratios == (1, 1, 1)


def test_every_second_round_goes_the_other_way():
    log = []
    compare({name: contender(1, 1, 1, log=log, name=name) for name in "ab"}, reference="a", rounds=3)

    assert "".join(log) == "abbaab"


def test_who_is_missing_is_named_and_costs_nobody_else_anything():
    rows = compare({"ours": contender(0.5, 0.5), "theirs": absent}, reference="theirs", rounds=2)
    table = markdown("Sending", rows)

    assert "| theirs | not run: it is not installed | | |" in table
    assert "| ours | 2 | 250,000 | no reference |" in table


def test_a_table_shows_the_least_the_middle_and_the_most():
    rows = compare({"ours": contender(1, 2, 4), "theirs": contender(2, 8, 4)}, reference="theirs", rounds=3)

    assert "| ours | 0 | 1,000,000 | 1.00 / **2.00** / 4.00 |" in markdown("Sending", rows)


@pytest.mark.parametrize("middle", ["", "an older table\n"])
def test_a_run_that_is_kept_replaces_the_one_before(tmp_path, middle):
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n<!-- mail: begin -->\n{middle}<!-- mail: end -->\nafter\n")
    keep("a new table\n", page, "mail")

    assert page.read_text() == "before\n<!-- mail: begin -->\n\na new table\n\n<!-- mail: end -->\nafter\n"


def test_a_page_without_a_place_for_it_is_left_alone(tmp_path):
    page = tmp_path / "benchmarks.md"
    page.write_text("nothing marked\n")

    with pytest.raises(LookupError):
        keep("a table", page, "mail")
    assert page.read_text() == "nothing marked\n"
