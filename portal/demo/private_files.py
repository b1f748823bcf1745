"""Knows how the demo keeps a file of its own: readable by its owner alone, and whole or not at all."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_private(path: Path, content: bytes) -> None:
    """Write `content` (mode 0600) in place of what was there; missing folders are made (0700). Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as unfinished:
        unfinished.write(content)
    os.replace(unfinished.name, path)  # noqa: PTH105 - a name, not a Path, comes from tempfile
