"""Runs the tests that answer ASVS 5.0, writes docs/asvs.md from them, and closes with how much is answered."""

import sys
from collections import defaultdict

import pytest

from tests.asvs.evidence import ROOT, in_order, markers, requirements

REPORT = ROOT / "docs" / "asvs.md"
INTRODUCTION = """# ASVS 5.0

What [OWASP's Application Security Verification Standard 5.0](https://github.com/OWASP/ASVS) asks on its levels 1 and 2, in our own short words, and what
answers it here: a test, an argument, or nothing yet (*open*); *deviates* says where the answer is less than the standard asks for. `make asvs` runs the tests and writes this page; the sentences and arguments stand in
`tests/asvs/requirements.toml`. A guard checks that every id is answered or listed as open.
"""


class Outcomes:
    """Whether every run of a test was good, by its name without parameters."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = defaultdict(lambda: True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.passed[report.nodeid.partition("[")[0]] &= report.passed


def main() -> int:
    outcomes, marked, known = Outcomes(), markers(), requirements()
    tests = sorted({test for found in marked.values() for test in found})
    pytest.main(["-q", "-n", "2", *tests, *sys.argv[1:]], plugins=[outcomes])
    shown = {each for each, found in marked.items() if all(outcomes.passed[test] for test in found)}
    answered = shown | known.argued.keys()
    REPORT.write_text(f"{INTRODUCTION}\n{counted(answered, shown)}\n\n{table(marked, shown)}\n{outside()}")
    sys.stdout.write(f"{counted(answered, shown)}\n")
    return int(bool(known.applies.keys() - answered - known.open.keys()))


def counted(answered: set[str], shown: set[str]) -> str:
    known = requirements()
    return f"{len(answered)} of {len(known.applies)} answered, {len(shown)} automated, {len(known.open)} open"


def table(marked: dict[str, list[str]], shown: set[str]) -> str:
    known = requirements()
    lines = ["| id | what it asks | answered by |", "|---|---|---|"]
    for number in in_order(list(known.applies)):
        tests = "<br>".join(f"`{test}`" for test in marked.get(number, []))
        failed = "" if not tests or number in shown else " (**fails**)"
        gap = f"*open*: {known.open[number]}" if number in known.open else known.argued.get(number, "")
        less = f"<br>*deviates*: {known.deviates[number]}" if number in known.deviates else ""
        lines.append(f"| {number} | {known.applies[number]} | {tests}{failed}{gap}{less} |")
    return "\n".join(lines) + "\n"


def outside() -> str:
    known = requirements()
    lines = [f"- {why}: {', '.join(in_order(list(ids)))}" for why, ids in known.not_applicable.items()]
    return f"## What does not apply\n\n{len(known.outside)} requirements:\n\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
