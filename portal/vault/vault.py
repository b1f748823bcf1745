"""Knows how secrets are sealed: AES-256-GCM, each bound to its purpose, its tenant, its record and its destination."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.domain.ids import ConfigId, MessageId, TenantId, UserId
from portal.domain.mail_config import Destination
from portal.domain.secret import Secret
from portal.vault.keyring import KeyRing, UnknownKeyError

_FORMAT = b"\x01"
LONGEST_HEAD = 33  # a name has 32 characters at most, and its length stands before it
_NONCE = 12  # NIST SP 800-38D §8.2.2: random 96-bit nonces


class SealBrokenError(Exception):
    """The value does not open here: it was bound to something else, was changed, or its key is gone."""


@dataclass(frozen=True, slots=True)
class TenantVault:
    """Seals and opens what belongs to one tenant, with that tenant's own data key."""

    tenant_id: TenantId
    _key: bytes
    _wrapped: bytes = b""

    def __repr__(self) -> str:
        return f"TenantVault({self.tenant_id})"

    def is_of(self, tenant_id: TenantId, wrapped_key: bytes) -> bool:
        """Whether this is what a tenant's wrapped data key unwraps to."""
        return self._wrapped != b"" and (self.tenant_id, self._wrapped) == (tenant_id, wrapped_key)

    def seal_password(self, password: Secret, config_id: ConfigId, destination: Destination) -> bytes:
        """Seal a mail password so that it opens only for this tenant, configuration and destination."""
        return self.seal_password_to(destination.fingerprint(), password, config_id)

    def seal_password_to(self, fingerprint: bytes, password: Secret, config_id: ConfigId) -> bytes:
        """The same where only the fingerprint of the destination is known."""
        return _seal(self._key, password.reveal().encode(), self._bound_to("mail-password", config_id, fingerprint))

    def open_password(self, sealed: bytes, config_id: ConfigId, destination: Destination) -> Secret:
        """Open a mail password. Raises SealBrokenError when any part of what it is bound to differs."""
        return self.open_password_to(destination.fingerprint(), sealed, config_id)

    def open_password_to(self, fingerprint: bytes, sealed: bytes, config_id: ConfigId) -> Secret:
        """The same where only the fingerprint of the destination is known."""
        return Secret(_open(self._key, sealed, self._bound_to("mail-password", config_id, fingerprint)).decode())

    def seal_content(self, content: bytes, message_id: MessageId) -> bytes:
        return _seal(self._key, content, self._bound_to("mail-content", message_id))

    def open_content(self, sealed: bytes, message_id: MessageId) -> bytes:
        """Open a waiting mail's content. Raises SealBrokenError."""
        return _open(self._key, sealed, self._bound_to("mail-content", message_id))

    def seal_seed(self, seed: bytes, user_id: UserId) -> bytes:
        """Seal the seed of somebody's second factor so that it opens for nobody else."""
        return _seal(self._key, seed, self._bound_to("totp-seed", user_id))

    def open_seed(self, sealed: bytes, user_id: UserId) -> bytes:
        """Open the seed of a second factor. Raises SealBrokenError for anybody else's."""
        return _open(self._key, sealed, self._bound_to("totp-seed", user_id))

    def _bound_to(self, purpose: str, record: UUID, fingerprint: bytes = b"") -> bytes:
        return _associated(purpose.encode(), self.tenant_id.bytes, record.bytes, fingerprint)


@dataclass(frozen=True, slots=True)
class Vault:
    """Makes and unwraps the tenants' data keys with the master keys; holds no secret of its own."""

    ring: KeyRing

    def new_tenant_key(self, tenant_id: TenantId) -> bytes:
        """Make a tenant's data key and return it wrapped: format byte, master key's name, nonce, ciphertext."""
        return self._wrapped(tenant_id, secrets.token_bytes(32))

    def for_tenant(self, tenant_id: TenantId, wrapped_key: bytes) -> TenantVault:
        """Unwrap a tenant's data key. Raises SealBrokenError when it is another tenant's or its master key is gone."""
        return TenantVault(tenant_id, self._unwrapped(tenant_id, wrapped_key), wrapped_key)

    def rewrap(self, tenant_id: TenantId, wrapped_key: bytes) -> bytes:
        """The same data key, wrapped by the current master key. Raises SealBrokenError as `for_tenant` does."""
        return self._wrapped(tenant_id, self._unwrapped(tenant_id, wrapped_key))

    def _wrapped(self, tenant_id: TenantId, key: bytes) -> bytes:
        name, master = self.ring.current
        return head_of(name) + _seal(master, key, _associated(b"tenant-key", tenant_id.bytes))

    def _unwrapped(self, tenant_id: TenantId, wrapped_key: bytes) -> bytes:
        if not wrapped_key:
            raise SealBrokenError("the key of this tenant was shredded")
        name = name_in(wrapped_key)
        try:
            master = self.ring.named(name)
        except UnknownKeyError as missing:
            raise SealBrokenError(f"the key ring lacks the key {name!r}") from missing
        sealed = wrapped_key[len(head_of(name)) :]
        return _open(master, sealed, _associated(b"tenant-key", tenant_id.bytes))


def head_of(name: str) -> bytes:
    """How everything begins that the master key of this name wraps."""
    return bytes([len(name)]) + name.encode("ascii", "replace")


def name_in(wrapped_key: bytes) -> str:
    """The name of the master key that wrapped this; at least its first LONGEST_HEAD bytes are needed."""
    return wrapped_key[1 : 1 + wrapped_key[0]].decode("ascii", "replace")


def _seal(key: bytes, plain: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, associated)


def _open(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    if sealed[:1] != _FORMAT:
        raise SealBrokenError("unknown format")
    nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except (InvalidTag, ValueError) as broken:
        raise SealBrokenError from broken


def _associated(*fields: bytes) -> bytes:
    """One canonical encoding: a version byte, then every field with its length in front."""
    return _FORMAT + b"".join(len(field).to_bytes(4, "big") + field for field in fields)
