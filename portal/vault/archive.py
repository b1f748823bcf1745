"""Knows how a whole file is sealed: piece by piece, so that nothing can be cut off, swapped or added."""

import itertools
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.vault.keyring import KeyRing, UnknownKeyError
from portal.vault.vault import SealBrokenError

_MAGIC = b"RELAYTREE-BACKUP\x01"
_PIECE = 256 * 1024
_SALT, _TAG = 32, 16
_LONGEST = _PIECE + _TAG


def seal(ring: KeyRing, source: BinaryIO, target: BinaryIO) -> None:
    """Write `source`, sealed with the newest key of the ring, to `target`.

    A file has a key of its own, derived from that one and a random salt (RFC 5869), so its pieces are numbered by
    their nonces. The last piece says that it is the last.
    """
    name, master = ring.current
    salt = secrets.token_bytes(_SALT)
    head = _MAGIC + bytes([len(name)]) + name.encode("ascii") + salt
    target.write(head)
    key = AESGCM(_key(master, salt))
    piece = source.read(_PIECE)
    for number in itertools.count():
        following = source.read(_PIECE)
        sealed = key.encrypt(_nonce(number), piece, _associated(head, is_last=not following))
        target.write(len(sealed).to_bytes(4, "big") + sealed)
        if not following:
            return
        piece = following


def unseal(ring: KeyRing, source: BinaryIO, target: BinaryIO) -> None:
    """Write what `seal` sealed to `target`, each piece only after it was proven whole.

    Raises SealBrokenError for another key, damage, a missing end, or anything behind the end. What was written until
    then is worth nothing.
    """
    head, master = _head(ring, source)
    key = AESGCM(_key(master, head[-_SALT:]))
    length = source.read(4)
    for number in itertools.count():
        sealed = _piece(source, length)
        length = source.read(4)
        is_last = not length
        try:
            target.write(key.decrypt(_nonce(number), sealed, _associated(head, is_last=is_last)))
        except (InvalidTag, ValueError) as broken:
            raise SealBrokenError("a piece is damaged, or pieces are missing") from broken
        if is_last:
            return


def _head(ring: KeyRing, source: BinaryIO) -> tuple[bytes, bytes]:
    start = source.read(len(_MAGIC) + 1)
    if not start.startswith(_MAGIC) or len(start) == len(_MAGIC):
        raise SealBrokenError("this is no backup of this portal")
    name = source.read(start[-1])
    salt = source.read(_SALT)
    if len(name) < start[-1] or len(salt) < _SALT:
        raise SealBrokenError("the file ends in its head")
    try:
        master = ring.named(name.decode("ascii", "replace"))
    except UnknownKeyError as missing:
        raise SealBrokenError(f"the key ring lacks the key {name.decode('ascii', 'replace')!r}") from missing
    return start + name + salt, master


def _piece(source: BinaryIO, told: bytes) -> bytes:
    length = int.from_bytes(told, "big")
    if len(told) < 4 or not _TAG <= length <= _LONGEST:
        raise SealBrokenError("a piece is damaged, or the end is missing")
    return source.read(length)


def _key(master: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, b"relaytree backup").derive(master)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _associated(head: bytes, *, is_last: bool) -> bytes:
    return head + (b"\x01" if is_last else b"\x00")
