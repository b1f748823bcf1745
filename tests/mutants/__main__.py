"""Spoils each line in turn, runs its tests in this process until one fails, and closes with how many were noticed.

Words on the command line spoil only what has one of them in its name.
"""

import sys
import time

import pytest

from tests.mutants.targets import EQUIVALENT, Mutant, mutants

_OPTIONS = [
    "-q",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
    "--tb=no",
    "--no-summary",
    "-W",
    "ignore",
    "--timeout=120",
]
# Threads that race for a lock are right to fail now and then on a busy machine.
_RACING = "tests/services/test_moving.py::test_whatever_moves_at_the_same_time_the_tree_stays_a_tree"
LEAST = 95


class Spoiling:
    """Takes the place of pytest's loop: the tests are collected once and run for each mutant anew."""

    def __init__(self, wanted: list[Mutant]) -> None:
        self._wanted = wanted
        self._has_failed = self.has_begun = False
        self._noticed_by: dict[str, pytest.Item] = {}
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        by_file = {_file_of(item): [] for item in session.items}
        for item in session.items:
            by_file[_file_of(item)].append(item)
        if self._is_noticed(session, session.items):
            raise pytest.UsageError("these tests fail before anything is spoiled")
        self.has_begun = True
        for number, mutant in enumerate(self._wanted):
            if number % 25 == 0:
                sys.stderr.write(f"{number} of {len(self._wanted)}\n")
            items = self._likeliest_first(mutant, [item for test in mutant.tests for item in by_file[test]])
            with mutant.on():
                noticed_by = self._is_noticed(session, items)
            if noticed_by:
                self._noticed_by[mutant.place] = noticed_by
            else:
                self.survivors.append(mutant)
                sys.stderr.write(f"survived: {mutant.name}\n")
        session._setupstate.teardown_exact(None)
        return True

    def _likeliest_first(self, mutant: Mutant, items: list[pytest.Item]) -> list[pytest.Item]:
        """Whoever noticed when the same function was spoiled before is asked before all others."""
        latest = self._noticed_by.get(mutant.place)
        return items if latest is None else [latest, *(item for item in items if item is not latest)]

    def _is_noticed(self, session: pytest.Session, items: list[pytest.Item]) -> pytest.Item | None:
        """The first of the tests that fails, if any does. What all tests share is left standing for the next mutant."""
        self._has_failed, another = False, session.items[0]
        for item, after in zip(items, [*items[1:], another], strict=True):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._has_failed:
                session._setupstate.teardown_exact(another)
                return item
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._has_failed |= report.failed
        if report.failed and not self.has_begun:
            sys.stderr.write(f"{report.nodeid}\n{report.longreprtext[-2000:]}\n")

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self) -> tuple[str, str, str]:
        return "", "", ""


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def main() -> int:
    words = sys.argv[1:]
    wanted = [
        each for each in mutants() if each.name not in EQUIVALENT and any(word in each.name for word in words or [""])
    ]
    begun, spoiling = time.monotonic(), Spoiling(wanted)
    pytest.main(
        [*_OPTIONS, f"--deselect={_RACING}", *sorted({test for each in wanted for test in each.tests})],
        plugins=[spoiling],
    )
    if not spoiling.has_begun:
        return 2
    killed = len(wanted) - len(spoiling.survivors)
    share = 100 * killed / len(wanted)
    sys.stdout.write(f"\n{time.monotonic() - begun:.0f} s\n")
    sys.stdout.write(
        f"{killed} of {len(wanted)} mutants noticed ({share:.1f} %), {len(EQUIVALENT)} make no difference\n"
    )
    return int(share < LEAST)


if __name__ == "__main__":
    raise SystemExit(main())
