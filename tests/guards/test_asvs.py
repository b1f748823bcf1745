"""Every requirement of ASVS 5.0 is answered once: by tests, by an argument, or it is listed as open."""

from tests.asvs.evidence import ROOT, markers, requirements

KNOWN = requirements()


def test_the_list_is_the_standards():
    """253 requirements on levels 1 and 2; 180 of them are about something that this portal has."""
    assert len(KNOWN.applies) == 180
    assert len(KNOWN.outside) == len(set(KNOWN.outside)) == 73
    assert KNOWN.applies.keys().isdisjoint(KNOWN.outside)


def test_each_that_applies_is_answered_in_one_way():
    shown = markers().keys()
    ways = {each: [shown, KNOWN.argued.keys(), KNOWN.open.keys()] for each in KNOWN.applies}

    answers = {number: sum(number in way for way in found) for number, found in ways.items()}
    assert {number: count for number, count in answers.items() if count != 1} == {}, (
        "mark a test with it, argue it or list it as open in tests/asvs/requirements.toml, and only one of these"
    )


def test_a_deviation_is_one_of_something_that_is_answered():
    assert KNOWN.deviates.keys() <= (markers().keys() | KNOWN.argued.keys()) - KNOWN.open.keys()


def test_no_id_is_claimed_that_does_not_exist():
    claimed = markers().keys() | KNOWN.argued.keys() | KNOWN.open.keys()

    assert claimed - KNOWN.applies.keys() == set()


def test_the_page_names_every_test_that_answers():
    """`make asvs` writes it anew."""
    page = (ROOT / "docs" / "asvs.md").read_text()

    assert [test for found in markers().values() for test in found if test not in page] == []
    assert [number for number in KNOWN.applies if f"| {number} |" not in page] == []
