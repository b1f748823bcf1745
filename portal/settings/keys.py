"""Knows where the installation's own keys come from: the environment or, outside production, files it makes itself."""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from portal.domain.key_strength import Weakness, weakness_of_key, weakness_of_text
from portal.domain.secret import Secret
from portal.settings.environment import BadSettingError, Environment

_KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}\Z")
_KEY_LENGTH = 32
_SHORTEST_SECRET_KEY = 32
_BETTER_TEXT = "Make one with: python -m portal keys new --secret-key"
_BETTER_KEY = "Make one with: python -m portal keys new"
_WHY = {
    Weakness.FEW: "has too few different characters",
    Weakness.REPEATS: "repeats itself",
    Weakness.COUNTS: "only counts up or down",
    Weakness.WORD: "holds a word that everybody tries",
    Weakness.TYPED: "is text that somebody typed",
}


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
    if production and key is not None:
        if len(key.reveal()) < _SHORTEST_SECRET_KEY:
            raise BadSettingError(f"PORTAL_SECRET_KEY has fewer than {_SHORTEST_SECRET_KEY} characters. {_BETTER_TEXT}")
        if weakness := weakness_of_text(key.reveal()):
            raise BadSettingError(f"PORTAL_SECRET_KEY is easy to guess: it {_WHY[weakness]}. {_BETTER_TEXT}")
    return key


def key_ring(given: Environment, instance_dir: Path, *, production: bool) -> tuple[tuple[str, bytes], ...]:
    """The named master keys, newest first; empty while there are none yet."""
    ring = _kept_secret(given, "PORTAL_KEYS", instance_dir / "keys", production=production)
    if ring is None:
        return ()
    keys = tuple(_named_key(place, entry) for place, entry in enumerate(ring.reveal().split(","), start=1))
    if len({name for name, _ in keys}) < len(keys):
        raise BadSettingError("PORTAL_KEYS uses one name for two keys")
    # An older one may be weak: otherwise nobody could move away from it.
    if production and (weakness := weakness_of_key(keys[0][1])):
        raise BadSettingError(f"PORTAL_KEYS: the key {keys[0][0]} is easy to guess: it {_WHY[weakness]}. {_BETTER_KEY}")
    return keys


def refuse_one_for_two(ring: tuple[tuple[str, bytes], ...], secrets: Mapping[str, Secret | None]) -> None:
    """Raise BadSettingError where one secret serves two purposes: whoever learns it in one place has the other, too.

    `secrets` are the other settings that hold one, by name.
    """
    known: dict[str, str] = {}
    for name, key in ring:
        for written in (base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode(), key.hex()):
            if known.setdefault(written, name) != name:
                raise BadSettingError(f"PORTAL_KEYS: {known[written]} and {name} are the same key. {_BETTER_KEY}")
    for setting, secret in secrets.items():
        if secret is None:
            continue
        owner = known.setdefault(secret.reveal(), setting)
        if owner != setting:
            where = owner if owner in secrets else f"the key {owner} of PORTAL_KEYS"
            raise BadSettingError(f"{setting} is the same as {where}: each needs a secret of its own. {_BETTER_TEXT}")


def _kept_secret(given: Environment, name: str, kept_in: Path, *, production: bool) -> Secret | None:
    if secret := given.secret(name):
        return secret
    if production:
        option = " --secret-key" if name == "PORTAL_SECRET_KEY" else ""
        made = f"make one with: python -m portal keys new{option}"
        raise BadSettingError(f"{name} is not set: production needs {name} or {name}_FILE; {made}")
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
