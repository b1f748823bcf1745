"""What `make mutants` spoils, and what it lets pass, is there."""

from tests.mutants.targets import EQUIVALENT, TARGETS, mutants
from tests.swapping import ROOT, functions_of


def test_every_function_that_is_to_be_spoiled_exists_and_so_do_its_tests():
    for module, (names, tests) in TARGETS.items():
        assert set(names) <= {name for name, _node in functions_of(module)}, module
        assert all((ROOT / test).is_file() for test in tests), module


def test_what_makes_no_difference_is_something_that_is_spoiled():
    assert set(EQUIVALENT) <= {each.name for each in mutants()}
