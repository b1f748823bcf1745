"""Knows how the whole installation is looked over, the worst first."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal.domain.symptoms import Severity, Sign, Symptom
from portal.services.keys import Keys
from portal.services.places import Clock
from portal.services.queue import Queue
from portal.services.symptoms import choices, files, rows, secrets
from portal.settings import Settings
from portal.store import snapshots

# The October after which a version of Python gets no repairs of security holes (devguide.python.org/versions).
_LAST_YEAR = {(3, 11): 2027, (3, 12): 2028, (3, 13): 2029, (3, 14): 2030}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What only the door knows. `is_migrated` is asked only where the database answers."""

    env_file: Path
    is_debug: bool
    is_migrated: bool
    python: tuple[int, int] = sys.version_info[:2]


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks and changes nothing."""

    clock: Clock
    settings: Settings
    keys: Keys
    queue: Queue

    def reaches_database(self) -> bool:
        return not list(rows.reachable())

    def examine(self, around: Around) -> list[Symptom]:
        """Everything that was noticed, the worst first."""
        return sorted(self._all(around), key=lambda each: -each.severity)

    def _all(self, around: Around) -> Iterator[Symptom]:
        yield from choices.look(self.settings)
        yield from secrets.look(self.settings)
        yield from files.look(self.settings, around.env_file, snapshots.place())
        yield from self._program(around)
        away = list(rows.reachable())
        if away:
            yield from away
            return
        yield from rows.look(self.clock, self.keys, self.queue, is_migrated=around.is_migrated)

    def _program(self, around: Around) -> Iterator[Symptom]:
        if around.is_debug:
            severity = Severity.ERROR if self.settings.production else Severity.WARNING
            yield Symptom(Sign.DEBUG, severity)
        last = _LAST_YEAR.get(around.python)
        if last is not None and self.clock() > datetime(last, 10, 31, tzinfo=UTC):
            yield Symptom(Sign.OLD_PYTHON, Severity.WARNING, {"version": ".".join(map(str, around.python))})
