"""Spoils each line in turn, runs its tests until one fails, and closes with how many were noticed.

Words on the command line spoil only what has one of them in its name.
"""

import os
import sys
import time
from collections.abc import Sequence

from tests.mutants.targets import EQUIVALENT, Mutant, mutants
from tests.mutants.watching import Fate, Watch

LEAST = 95


def main() -> int:
    wanted = list(_wanted(sys.argv[1:]))
    begun, fates = time.monotonic(), list[Fate]()

    def told(fate: Fate) -> None:
        fates.append(fate)
        if fate.what != "noticed":
            _say(f"{fate.what}: {fate.mutant.name} {fate.by and f'({fate.by})'}")
        if len(fates) % 25 == 0:
            _say(f"{len(fates)} of {len(wanted)} after {time.monotonic() - begun:.0f} s")

    Watch(wanted, told).over(processes=min(4, os.cpu_count() or 1))
    if len(fates) < len(wanted):
        return 2
    return _summed_up(fates, seconds=time.monotonic() - begun)


def _wanted(words: Sequence[str]) -> list[Mutant]:
    return [
        each for each in mutants() if each.name not in EQUIVALENT and any(word in each.name for word in words or [""])
    ]


def _summed_up(fates: Sequence[Fate], seconds: float) -> int:
    noticed = sum(each.is_noticed for each in fates)
    ended = sum(each.what == "ended" for each in fates)
    share = 100 * noticed / len(fates)
    sys.stdout.write(
        f"{noticed} of {len(fates)} mutants noticed ({share:.1f} %), {ended} of them because they came to no end; "
        f"{len(EQUIVALENT)} make no difference; {seconds:.0f} s\n"
    )
    return int(share < LEAST)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
