"""Knows many processes that write to one database at once: every change counts, and nobody is told to come back later.

`python -m tests.faults.writers URL FOLDER SECONDS` is one of them; it prints how often it wrote, and its longest wait.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.store.db import SYSTEM, db, reading, unit_of_work
from tests.fixtures_portal import ROOT, Clock, build

_TO_BEGIN = 300  # seconds: eight interpreters that begin at once take minutes where a machine has other work
_READ = text("SELECT count FROM limits WHERE key = 'writers'")
_WRITE = text("UPDATE limits SET count = :count WHERE key = 'writers'")
_BEGIN = text("INSERT INTO limits (key, since, count) VALUES ('writers', '2026-03-02 09:00:00', 0)")


@dataclass(frozen=True)
class Tally:
    """`refused` counts the writes that ended in an error, `slowest` is the longest wait for one in milliseconds."""

    writes: int
    counted: int
    refused: int
    slowest: float

    def line(self, processes: int, seconds: float) -> str:
        return (
            f"{processes} processes wrote {self.writes} times in {seconds:.0f} seconds: {self.writes - self.counted} lost,"
            f" {self.refused} refused, the slowest waited {self.slowest:.0f} ms"
        )


def write_together(url: str, folder: Path, *, processes: int, seconds: float) -> Tally:
    """Let so many processes read a number and write the next one, in one unit of work each, for so long.

    The database has to be migrated.
    """
    app = build(folder, Clock(), database_url=url)
    with app.app_context(), unit_of_work(SYSTEM) as session:
        session.execute(_BEGIN)
    command = [sys.executable, "-m", "tests.faults.writers", url, str(folder), str(seconds)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    told = [process.communicate(timeout=seconds + _TO_BEGIN)[0].split() for process in running]
    with app.app_context(), reading(SYSTEM) as session:
        counted = session.scalar(_READ)
    return Tally(
        writes=sum(int(each[0]) for each in told),
        counted=counted,
        refused=sum(int(each[1]) for each in told),
        slowest=max(float(each[2]) for each in told),
    )


def main() -> None:
    url, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    app = build(folder, Clock(), database_url=url)
    writes, refused, slowest, end = 0, 0, 0.0, time.monotonic() + seconds
    with app.app_context():
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                with unit_of_work(SYSTEM) as session:
                    session.execute(_WRITE, {"count": session.scalar(_READ) + 1})
                writes += 1
            except SQLAlchemyError:
                refused += 1
            slowest = max(slowest, time.monotonic() - began)
        db.engine.dispose()
    sys.stdout.write(f"{writes} {refused} {slowest * 1000:.1f}\n")


if __name__ == "__main__":
    main()
