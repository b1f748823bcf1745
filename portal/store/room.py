"""Knows whether the disks have room for what is to be kept."""

import os
from collections.abc import Iterable
from pathlib import Path

from portal.domain.errors import Trouble

# Less than this is as good as nothing: a mail of the largest size needs as much.
_LEAST = 1024 * 1024  # octets


def trouble_in(folders: Iterable[Path]) -> Trouble | None:
    """What keeps the disks of these folders from taking more; None where nothing does. A folder may be missing yet."""
    for folder in folders:
        try:
            disk = os.statvfs(folder)
        except FileNotFoundError:
            continue
        if disk.f_flag & os.ST_RDONLY:
            return Trouble.READ_ONLY
        if disk.f_bavail * disk.f_frsize < _LEAST:
            return Trouble.FULL
    return None
