"""Knows who may read or change the installation's files, on what kind of disk they are, and how much room it has."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from portal.domain.symptoms import Severity, Sign, Symptom
from portal.settings import Settings

# SQLite's locks and its shared memory need one machine with one cache (sqlite.org/wal.html, sqlite.org/faq.html#q5).
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "9p", "davfs"})
_VANISHING = frozenset({"tmpfs", "ramfs"})
_LOW, _FULL = 500 * 1024**2, 50 * 1024**2
# Orchestrators mount secrets here, for the container's only user.
_MOUNTED = Path("/run/secrets")


def look(settings: Settings, env_file: Path, database: Path | None) -> Iterator[Symptom]:
    """`database` is the SQLite file, if it is one."""
    if os.geteuid() == 0:
        yield Symptom(Sign.RUNS_AS_ROOT, Severity.WARNING)
    secrets = [(name, path) for name, path in _secret_files(settings) if path.is_file()]
    for name, path in [("file", env_file), *secrets]:
        yield from _readers(name, path)
    folders = {settings.instance_dir, settings.journal_dir, *([database.parent] if database else [])}
    for folder in sorted(each for each in folders if each.is_dir()):
        yield from _writers(folder)
        yield from _room(folder)
        yield from _kind_of_disk(settings, folder, holds_database=database is not None and folder == database.parent)
    if database:
        yield from _beside(settings, secrets, database)


def _secret_files(settings: Settings) -> list[tuple[str, Path]]:
    made = [
        ("PORTAL_KEYS", settings.instance_dir / "keys"),
        ("PORTAL_SECRET_KEY", settings.instance_dir / "secret_key"),
    ]
    return [*settings.secret_files, *([] if settings.production else made)]


def _readers(name: str, path: Path) -> Iterator[Symptom]:
    if not path.is_file() or path.is_relative_to(_MOUNTED):
        return
    mode, values = path.stat().st_mode, {"name": name, "path": str(path), "mode": f"{path.stat().st_mode & 0o777:o}"}
    if mode & stat.S_IRWXO:
        yield Symptom(Sign.OTHERS_READ, Severity.ERROR, values)
    elif mode & stat.S_IRWXG:
        yield Symptom(Sign.GROUP_READS, Severity.WARNING, values)


def _writers(folder: Path) -> Iterator[Symptom]:
    mode = folder.stat().st_mode
    values = {"name": "folder", "path": str(folder), "mode": f"{mode & 0o777:o}"}
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Symptom(Sign.OTHERS_WRITE, Severity.ERROR, values)
    elif mode & (stat.S_IROTH | stat.S_IXOTH) and not _is_shut_above(folder):
        yield Symptom(Sign.OTHERS_READ, Severity.WARNING, values)


def _is_shut_above(folder: Path) -> bool:
    """Whether a folder further up lets nobody else through."""
    return any(not each.stat().st_mode & stat.S_IXOTH for each in folder.resolve().parents)


def _room(folder: Path) -> Iterator[Symptom]:
    free = shutil.disk_usage(folder).free
    values = {"path": str(folder), "free": f"{free // 1024**2}"}
    if free < _FULL:
        yield Symptom(Sign.DISK_FULL, Severity.ERROR, values)
    elif free < _LOW:
        yield Symptom(Sign.DISK_LOW, Severity.WARNING, values)


def _kind_of_disk(settings: Settings, folder: Path, *, holds_database: bool) -> Iterator[Symptom]:
    kind = disk_of(folder)
    values = {"path": str(folder), "kind": kind}
    if kind.removeprefix("fuse.") in _NETWORK or kind == "fuse.sshfs":
        yield Symptom(Sign.NETWORK_FOLDER, Severity.ERROR if holds_database else Severity.WARNING, values)
    elif kind in _VANISHING:
        yield Symptom(Sign.VANISHING_FOLDER, Severity.ERROR if settings.production else Severity.WARNING, values)


def disk_of(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that a folder is on; empty where the machine does not say."""
    try:
        lines = [line.split(" ") for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    place = folder.resolve()
    found = [(Path(line[1].replace("\\040", " ")), line[2]) for line in lines if len(line) > 2]
    within = [
        (len(point.parts), number, kind) for number, (point, kind) in enumerate(found) if place.is_relative_to(point)
    ]
    return max(within, default=(0, 0, ""))[2]


def _beside(settings: Settings, secrets: list[tuple[str, Path]], database: Path) -> Iterator[Symptom]:
    for name, path in secrets:
        if name.startswith("PORTAL_KEYS") and path.resolve().is_relative_to(database.resolve().parent):
            severity = Severity.ERROR if settings.production else Severity.NOTE
            yield Symptom(Sign.KEYS_BESIDE_DATABASE, severity, {"path": str(path)})
