"""Knows how the portal is backed up into one sealed file, and how it comes back from one."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from portal.services.places import Clock
from portal.store import snapshots
from portal.vault import archive
from portal.vault.keyring import KeyRing
from portal.vault.vault import SealBrokenError

KnowsRevision = Callable[[str], bool]


class Reason(StrEnum):
    """Why a backup or a restore is refused."""

    NOT_SQLITE = "not-sqlite"
    NO_DATABASE = "no-database"
    SEAL_BROKEN = "seal-broken"
    UNUSABLE = "unusable"
    NEWER = "newer"
    EXISTS = "exists"


class BackupError(Exception):
    """A backup that cannot be made, read or restored; nothing was changed."""

    def __init__(self, reason: Reason, text: str = "") -> None:
        super().__init__(text or reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Backups:
    """The keys are not part of a backup: whoever has the file and not the key ring has nothing."""

    clock: Clock
    ring: KeyRing

    def make(self, target: Path) -> int:
        """Write a backup to a file, all of it or nothing; the portal may run meanwhile. Returns its size in bytes.

        Raises BackupError, and OSError where the file cannot be written.
        """
        place = _place()
        if not place.exists():
            raise BackupError(Reason.NO_DATABASE)
        with _beside(place) as copy, _beside(target) as sealed:
            snapshots.take(place, copy)
            with copy.open("rb") as plain, sealed.open("wb") as file:
                archive.seal(self.ring, plain, file)
                file.flush()
                os.fsync(file.fileno())
            sealed.rename(target)
            return target.stat().st_size

    def verify(self, source: Path, *, knows: KnowsRevision) -> None:
        """Read a backup to its end, changing nothing. Raises BackupError where it could not be restored."""
        with self._opened(source, knows):
            pass

    def restore(self, source: Path, *, knows: KnowsRevision, replace: bool) -> Path | None:
        """Put the database of a backup in place; nobody may use the portal meanwhile.

        `knows` tells whether this version of the portal has a migration. Returns where the database that was there is
        kept now, if there was one. Raises BackupError, also for an existing database that is not to be replaced.
        """
        place = _place()
        if place.exists() and not replace:
            raise BackupError(Reason.EXISTS)
        with self._opened(source, knows) as copy:
            return snapshots.put(copy, place, self.clock())

    @contextmanager
    def _opened(self, source: Path, knows: KnowsRevision) -> Iterator[Path]:
        """The sound database of a backup, as a file beside the real one for as long as the block lasts."""
        with _beside(_place()) as copy:
            try:
                with source.open("rb") as sealed, copy.open("wb") as plain:
                    archive.unseal(self.ring, sealed, plain)
                    plain.flush()
                    os.fsync(plain.fileno())
            except SealBrokenError as broken:
                raise BackupError(Reason.SEAL_BROKEN, str(broken)) from broken
            if not knows(_revision(copy)):
                raise BackupError(Reason.NEWER)
            yield copy


def _place() -> Path:
    place = snapshots.place()
    if place is None:
        raise BackupError(Reason.NOT_SQLITE)
    return place


def _revision(copy: Path) -> str:
    try:
        return snapshots.revision_of(copy)
    except snapshots.UnusableError as broken:
        raise BackupError(Reason.UNUSABLE) from broken


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new empty file beside a path, for its owner's eyes alone; gone at the end unless it was renamed."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for side in ("", "-wal", "-shm", "-journal"):
            Path(name + side).unlink(missing_ok=True)
