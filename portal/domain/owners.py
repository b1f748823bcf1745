"""Knows how a piece of delivery work is named, so that everybody can tell which process it belongs to."""

import secrets
from collections.abc import Collection
from uuid import UUID

_KEY_BITS = 31  # as many as fit into a positive number of four bytes
_REST_BITS = 128 - _KEY_BITS


def new_key() -> int:
    """A number for a process that delivers; 0 is nobody's."""
    return secrets.randbelow((1 << _KEY_BITS) - 1) + 1


def new_owner(key: int) -> UUID:
    """A name for one piece of work of the process with this key."""
    return UUID(int=key << _REST_BITS | secrets.randbits(_REST_BITS))


def is_of(owner: UUID | None, keys: Collection[int]) -> bool:
    """Whether a piece of work belongs to a process with one of these keys."""
    return owner is not None and owner.int >> _REST_BITS in keys
