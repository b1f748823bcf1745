"""Knows where the installation's own keys come from: the environment or, outside production, files it makes itself."""

import base64
import binascii
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from portal.domain.secret import Secret
from portal.settings.environment import BadSettingError, Environment

_KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}\Z")
_KEY_LENGTH = 32
_SHORTEST_SECRET_KEY = 32


def ensure_keys(instance_dir: Path, *, random: Callable[[int], bytes]) -> None:
    """Make the instance directory (0700) and the key files in it (0600) where they are missing; overwrite nothing.

    `random(n)` returns n unpredictable bytes. Raises BadSettingError where the directory cannot be written.
    """
    # The key's name comes from chance too: a ring that was lost and made anew must not claim to be the old one.
    ring = new_key(random(4).hex(), random=random)
    try:
        instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(instance_dir / "secret_key", random(_KEY_LENGTH).hex())
        _write_once(instance_dir / "keys", ring)
    except OSError as failure:
        reason = f"{instance_dir} cannot be written ({failure.strerror})"
        raise BadSettingError(f"PORTAL_INSTANCE_DIR: {reason}") from failure


def new_key(name: str, *, random: Callable[[int], bytes]) -> str:
    """A key for PORTAL_KEYS, written as it is written there. `random(n)` returns n unpredictable bytes."""
    return f"{name}:{base64.b64encode(random(_KEY_LENGTH)).decode('ascii')}"


def new_secret_key(*, random: Callable[[int], bytes]) -> str:
    """A value for PORTAL_SECRET_KEY."""
    return base64.urlsafe_b64encode(random(48)).decode("ascii")


def secret_key(given: Environment, instance_dir: Path, *, production: bool) -> Secret | None:
    """What signs cookies and tokens; None while there is none yet."""
    key = _kept_secret(given, "PORTAL_SECRET_KEY", instance_dir / "secret_key", production=production)
    if production and key is not None and len(key.reveal()) < _SHORTEST_SECRET_KEY:
        raise BadSettingError(f"PORTAL_SECRET_KEY has fewer than {_SHORTEST_SECRET_KEY} characters")
    return key


def key_ring(given: Environment, instance_dir: Path, *, production: bool) -> tuple[tuple[str, bytes], ...]:
    """The named master keys, newest first; empty while there are none yet."""
    ring = _kept_secret(given, "PORTAL_KEYS", instance_dir / "keys", production=production)
    if ring is None:
        return ()
    keys = tuple(_named_key(place, entry) for place, entry in enumerate(ring.reveal().split(","), start=1))
    if len({name for name, _ in keys}) < len(keys):
        raise BadSettingError("PORTAL_KEYS uses one name for two keys")
    return keys


def _kept_secret(given: Environment, name: str, kept_in: Path, *, production: bool) -> Secret | None:
    if secret := given.secret(name):
        return secret
    if production:
        raise BadSettingError(f"{name} is not set: production needs {name} or {name}_FILE")
    return Secret(given.file(name, str(kept_in))) if kept_in.exists() else None


def _named_key(place: int, entry: str) -> tuple[str, bytes]:
    name, _, encoded = entry.strip().partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _KEY_NAME.match(name) or len(key) != _KEY_LENGTH:
        raise BadSettingError(f"PORTAL_KEYS: entry {place} is not name:base64 of {_KEY_LENGTH} bytes")
    return name, key


def _write_once(path: Path, text: str) -> None:
    """Write the whole file or nothing, and never over one that is there: a lost key is lost mail passwords."""
    if path.exists():
        return
    with NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", encoding="ascii") as unfinished:
        unfinished.write(text)
        unfinished.flush()
        os.fsync(unfinished.fileno())
        # Unlike a rename, a link fails where another process was first.
        with suppress(FileExistsError):
            os.link(unfinished.name, path)
