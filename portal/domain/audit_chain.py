"""Knows how events hang together: one canonical encoding, in which each event holds the hash of the one before it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

Part = bytes | None

# What stands before the first event of a company.
NOTHING = bytes(32)
_VERSION = b"\x01"
_ABSENT = b"\xff\xff\xff\xff"


class Flaw(StrEnum):
    """What is wrong with a company's log, as far as the first thing that is wrong tells."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    CUT_OFF = "cut-off"
    EXPIRED_CHANGED = "expired-changed"
    HEAD_CHANGED = "head-changed"
    HEAD_MISSING = "head-missing"
    KEY_MISSING = "key-missing"
    NOT_CHAINED = "not-chained"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a company's log ends, under a seal of its own, so that its end cannot be cut off.

    `sequence` and `hash` are those of the last event. The first `adopted` events were there before the chain was. Of
    the first `expired` ones nothing but the hashes is left, and `fold` is what these come to, one after the other.
    """

    sequence: int
    hash: bytes
    adopted: int
    expired: int
    fold: bytes

    def encoded(self, tenant_id: Part) -> bytes:
        """What the head's seal is over."""
        numbers = [str(each).encode() for each in (self.sequence, self.adopted, self.expired)]
        return encoded([b"head", tenant_id, *numbers, self.hash, self.fold])


EMPTY = Head(sequence=0, hash=NOTHING, adopted=0, expired=0, fold=NOTHING)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """One company's log, walked from its first event to its last.

    `events` are those that stand there with what they say, `expired` those of which the hash is left. `tenant_name`
    is empty where no company is known. Seals `without_key` could not be looked at, because the key ring lacks their
    keys; the sealed end vouches for these events, too. `at` is the number of the first event with the `flaw`.
    """

    tenant_id: str
    tenant_name: str
    events: int
    expired: int
    adopted: int
    without_key: int
    flaw: Flaw | None = None
    at: int = 0


def event_hash(tenant_id: Part, number: int, previous: bytes, content: Sequence[Part], key_name: Part) -> bytes:
    """SHA-256 over an event's place, the hash of the one before it, everything it says, and its seal's key's name.

    `content` holds id, time, actor's id and name, impersonator's id and name, event, subject's id and name, and the
    changed fields, in this order, as `id_part` and `time_part` write them, and texts in UTF-8.
    """
    return hashlib.sha256(encoded([tenant_id, b"%d" % number, previous, *content, key_name])).digest()


def seal_text(digest: bytes) -> bytes:
    """What an event's seal is over."""
    return encoded([b"event", digest])


def folded(fold: bytes, digest: bytes) -> bytes:
    """What the hashes of expired events come to with one more behind them."""
    return hashlib.sha256(fold + digest).digest()


def encoded(parts: Sequence[Part]) -> bytes:
    """A version byte, then every part with its length in front (4 bytes, big-endian); ff ff ff ff for an absent one."""
    return _VERSION + b"".join(
        [_ABSENT if part is None else len(part).to_bytes(4, "big") + part for part in parts],
    )


def id_part(value: UUID | None) -> Part:
    """32 small hexadecimal digits."""
    return None if value is None else value.hex.encode()


def time_part(value: datetime) -> bytes:
    """In UTC, to the microsecond: 2026-03-02 09:00:00.000000."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'microseconds')}".encode()


def text_part(value: str | None) -> Part:
    return None if value is None else value.encode()
