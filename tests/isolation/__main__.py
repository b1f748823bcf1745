"""Runs every case and switches off every wall with two processes, and closes with what came of it."""

import sys
import time
from collections import Counter
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


class Tally:
    """Adds up what the tests report of themselves, in whichever process they ran."""

    def __init__(self) -> None:
        self.numbers: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.numbers.update(dict(report.user_properties))


def main() -> int:
    tally, begun = Tally(), time.monotonic()
    failed = pytest.main(["-q", "-n", "2", "-m", "isolation", str(_HERE), *sys.argv[1:]], plugins=[tally])
    numbers = tally.numbers
    sys.stdout.write(f"{numbers['walls']} walls switched off, {numbers['noticed']} noticed\n")
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s\n")
    sys.stdout.write(f"{numbers['cases']} cases, {numbers['leaks']} leaks\n")
    return int(failed) or int(numbers["leaks"] > 0 or numbers["walls"] != numbers["noticed"])


if __name__ == "__main__":
    raise SystemExit(main())
