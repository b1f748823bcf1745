"""Knows how one process spoils what it is told, one after the other, and says which test noticed."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from multiprocessing.connection import Connection

import pytest
from hypothesis import HealthCheck, settings

from tests.mutants.targets import Mutant, mutants

_OPTIONS = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=no", "--no-summary")
_OPTIONS += ("-W", "ignore", "-o", "tmp_path_retention_policy=none", "--hypothesis-profile=mutants")
# That a machine is slow is nothing that a test noticed, and every time it is the same examples.
settings.register_profile(
    "mutants", derandomize=True, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
# Threads that race for a lock are right to fail now and then on a busy machine.
_RACING = "tests/services/test_moving.py::test_whatever_moves_at_the_same_time_the_tree_stays_a_tree"


class Spoiling:
    """Takes the place of pytest's loop: the tests are collected once and run for each mutant anew.

    Asked with the number of a mutant and the name of the test that is likeliest to notice, it says the name of every test that
    begins, as ("begins", name), and at last ("noticed", name), ("survived", "") or ("unsteady", name): a test that
    fails without anything spoiled shows nothing.
    """

    def __init__(self, asked: Connection) -> None:
        self._asked, self._mutants = asked, list(mutants())
        self._is_asked = False
        self._has_failed = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._session = session
        self._make_what_all_share()
        self._asked.send(("ready", ""))
        self._is_asked = True
        while (question := self._asked.recv()) is not None:
            number, likeliest = question
            self._asked.send(self._fate_of(self._mutants[number], likeliest))
        session._setupstate.teardown_exact(None)
        return True

    def _make_what_all_share(self) -> None:
        """What is made once for all tests must not be made while something is spoiled."""
        with_the_cast = (each for each in self._session.items if "cast" in each.fixturenames)
        self._first_to_fail(list(islice(with_the_cast, 1)), nullcontext())

    def _fate_of(self, mutant: Mutant, likeliest: str) -> tuple[str, str]:
        noticed_by = self._first_to_fail(list(self._items_for(mutant, likeliest)), mutant.on())
        if noticed_by is None:
            return "survived", ""
        is_unsteady = self._first_to_fail([noticed_by], nullcontext()) is not None
        return "unsteady" if is_unsteady else "noticed", noticed_by.nodeid

    def _items_for(self, mutant: Mutant, likeliest: str) -> Iterator[pytest.Item]:
        """Whoever noticed when the same function was spoiled before is asked before all others."""
        yield from (each for each in self._session.items if each.nodeid == likeliest)
        for file in mutant.tests:
            yield from (each for each in self._session.items if _file_of(each) == file and each.nodeid != likeliest)

    def _first_to_fail(self, items: list[pytest.Item], spoiled: AbstractContextManager[object]) -> pytest.Item | None:
        """What all tests share is left standing for the next mutant."""
        self._has_failed, another = False, self._session.items[0]
        with spoiled:
            for item, after in zip(items, [*items[1:], another], strict=True):
                self._session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if self._has_failed:
                    self._session._setupstate.teardown_exact(another)
                    return item
        return None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self._is_asked:
            self._asked.send(("begins", nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._has_failed |= report.failed


def work(asked: Connection, files: list[str]) -> None:
    """What such a process does until it is asked None. What pytest has to say goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    pytest.main([*_OPTIONS, f"--deselect={_RACING}", *files], plugins=[Spoiling(asked)])


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
