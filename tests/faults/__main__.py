"""`python -m tests.faults kill 500`: faults by the hundred, and one line that says what came of them.

Every form is bounded, aims at this machine alone, and ends by itself. With `--add-to FILE` what was run is added to a
file of JSON lines, one a run, and the line counts all that the file holds.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade

from portal.store.db import db
from tests import postgres
from tests.databases import address_of
from tests.faults import clocks, disks, keys, outages, storm, writers
from tests.faults.storm import Outcome
from tests.fixtures_portal import Clock, build

_FORMS = {
    "kill": (storm.kill, "kills"),
    "restart": (storm.restart, "restarts"),
    "stop": (lambda raging, times: storm.stop_and_continue(raging, times, seconds=30), "stops of 30 seconds"),
}
_RECOVERS_WITHIN = 10_000  # milliseconds until mail flows again
_MOST = 2000  # faults in one database; a longer run is made of several


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("form", choices=[*_FORMS, "tarpit", "write", "keys", "disk", "database", "clock"])
    parser.add_argument("times", type=int)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--add-to", type=Path)
    parser.add_argument("--secrets", type=int, default=100_000, help="how many passwords there are (keys)")
    given = parser.parse_args()
    if given.form == "write":
        return _write(given.times)
    if given.form == "keys":
        return _keys(given.times, given.secrets, given.database)
    if given.form == "disk":
        return _disk(given.times)
    if given.form == "clock":
        return _clock(given.times)
    if given.form == "database":
        return _outages(given.times)
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        _database(given.database) as url,
        storm.raging(Path(folder), processes=0 if given.form == "tarpit" else 3, url=url) as raging,
    ):
        if given.form == "tarpit":
            sys.stdout.write(f"{storm.tarpit(raging, given.times).line()}\n")
            return 0
        run, noun = _FORMS[given.form]
        outcome = run(raging, min(given.times, _MOST))
    sys.stdout.write(f"{outcome.line(noun)}\n")
    if outcome.recoveries:
        sys.stdout.write(f"{outcome.recovery}\n")
    if given.add_to:
        sys.stdout.write(f"all together: {_added(given.add_to, outcome).line(noun)}\n")
    return 0 if outcome.is_kept else 1


def _disk(times: int) -> int:
    """A small disk that is filled and freed; without the right to mount one nothing is tested, and said so."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        try:
            with disks.small_disk(Path(folder)) as disk, storm.raging(disk.folder) as raging:
                met = disks.fill_and_free(raging, disk, min(times, _MOST))
        except disks.NoDiskError as reason:
            sys.stderr.write(f"NOT TESTED HERE: no disk of our own can be mounted ({reason})\n")
            return 0
    sys.stdout.write(f"{met.line()}\n")
    return 0 if met.outcome.is_kept and max(met.recoveries) <= _RECOVERS_WITHIN else 1


def _clock(times: int) -> int:
    """A clock that is turned; without libfaketime nothing is tested, and said so."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        try:
            with clocks.raging(Path(folder)) as raging:
                met = clocks.turn(raging, min(times, _MOST))
        except clocks.NoFaketimeError:
            sys.stderr.write("NOT TESTED HERE: libfaketime is not installed (Debian: faketime)\n")
            return 0
    sys.stdout.write(f"{met.line()}\n")
    return 0 if met.is_kept else 1


def _outages(times: int) -> int:
    """A PostgreSQL that is cut off and stopped without warning."""
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        postgres.running(durable=True) as server,
        storm.raging(Path(folder), url=address_of(server, server.create())) as raging,
    ):
        met = outages.cut_off(raging, server, min(times, _MOST))
    sys.stdout.write(f"{met.line()}\n")
    return 0 if met.outcome.is_kept and max(met.recoveries) <= _RECOVERS_WITHIN else 1


def _write(seconds: int) -> int:
    """Eight processes write to one SQLite file."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        app = build(folder, Clock())
        with app.app_context():
            upgrade()
            db.engine.dispose()
        tally = writers.write_together(f"sqlite:///{folder / 'portal.db'}", folder, processes=8, seconds=seconds)
    sys.stdout.write(f"{tally.line(8, seconds)}\n")
    return 0 if (tally.writes, tally.refused) == (tally.counted, 0) else 1


def _keys(kills: int, secrets: int, database: str) -> int:
    """A rotation of keys is killed while somebody reads and writes what they seal."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name, _database(database) as url:
        folder = Path(name)
        address = url or f"sqlite:///{folder / 'portal.db'}"
        tally = keys.rotate_and_kill(folder, address, secrets=secrets, kills=kills)
    sys.stdout.write(f"{tally.line()}\n")
    return 0 if tally.is_kept else 1


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield None
        return
    with postgres.running() as server:
        yield address_of(server, server.create())


def _added(file: Path, outcome: Outcome) -> Outcome:
    with file.open("a") as lines:
        lines.write(outcome.as_json() + "\n")
    return Outcome.together(Outcome(**json.loads(line)) for line in file.read_text().splitlines())


if __name__ == "__main__":
    sys.exit(main())
