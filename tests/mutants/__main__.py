"""Spoils each line in turn, runs its tests in this process until one fails, and closes with how many were noticed.

Words on the command line spoil only what has one of them in its name.
"""

import sys
import time

import pytest

from tests.mutants.targets import EQUIVALENT, Mutant, mutants

_OPTIONS = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--tb=no", "--no-summary", "-W", "ignore", "--timeout=30"]
# Threads that race for a lock are right to fail now and then on a busy machine.
_RACING = "tests/services/test_moving.py::test_whatever_moves_at_the_same_time_the_tree_stays_a_tree"
LEAST = 95


class Spoiling:
    """Takes the place of pytest's loop: the tests are collected once and run for each mutant anew."""

    def __init__(self, wanted: list[Mutant]) -> None:
        self._wanted = wanted
        self._has_failed = self.has_begun = False
        self.survivors: list[Mutant] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        chosen = [[item for item in session.items if _file_of(item) in mutant.tests] for mutant in self._wanted]
        if self._is_noticed(session, session.items, chosen[0][0]):
            raise pytest.UsageError("these tests fail before anything is spoiled")
        self.has_begun = True
        for mutant, items, following in zip(self._wanted, chosen, [*chosen[1:], [None]], strict=True):
            with mutant.on():
                is_noticed = self._is_noticed(session, items, following[0])
            if not is_noticed:
                self.survivors.append(mutant)
                sys.stderr.write(f"survived: {mutant.name}\n")
        return True

    def _is_noticed(self, session: pytest.Session, items: list[pytest.Item], following: pytest.Item | None) -> bool:
        """Whether one of the tests fails; what they share with the one that follows is left standing."""
        self._has_failed = False
        for item, after in zip(items, [*items[1:], following], strict=True):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._has_failed:
                session._setupstate.teardown_exact(following)
                return True
        return False

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
