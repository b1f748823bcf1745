"""Knows how the audit log is sealed: HMAC-SHA256 under keys that serve for nothing else."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.vault.keyring import KeyRing, UnknownKeyError


@dataclass(frozen=True, slots=True)
class AuditSeals:
    """A key for each of the master keys, derived from it for this one purpose (RFC 5869). The newest seals."""

    newest: str
    _keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, ring: KeyRing) -> "AuditSeals":
        return cls(ring.current[0], {name: _derived(master) for name, master in ring.keys})

    def seal(self, text: bytes) -> bytes:
        """The seal over a text under the newest key."""
        return self._over(self.newest, text)

    def holds(self, key_name: str, text: bytes, seal: bytes) -> bool:
        """Whether a seal is the one over this text under the key of this name. Raises UnknownKeyError."""
        if key_name not in self._keys:
            raise UnknownKeyError(key_name)
        return hmac.compare_digest(self._over(key_name, text), seal)

    def _over(self, key_name: str, text: bytes) -> bytes:
        return hmac.digest(self._keys[key_name], text, "sha256")


def _derived(master: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"relaytree audit").derive(master)
