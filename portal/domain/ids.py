"""Knows the kinds of id. Every id is a UUID made before its row exists, so that a secret can be bound to it."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import NewType
from uuid import UUID, uuid4

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
ConfigId = NewType("ConfigId", UUID)
MessageId = NewType("MessageId", UUID)
TrialId = NewType("TrialId", UUID)
ProfileId = NewType("ProfileId", UUID)
ContactId = NewType("ContactId", UUID)
InvoiceId = NewType("InvoiceId", UUID)
SignInId = NewType("SignInId", UUID)
BrandHostId = NewType("BrandHostId", UUID)

__all__ = [
    "BrandHostId",
    "ConfigId",
    "ContactId",
    "InvoiceId",
    "MessageId",
    "ProfileId",
    "SignInId",
    "TenantId",
    "TrialId",
    "UserId",
    "id_at",
    "new_id",
]


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def new_id() -> UUID:
    return uuid4()


def id_at(now: datetime) -> UUID:
    """An id for one of the rows of which every mail makes some: the moment, then 62 random bits.

    Later ones are larger, so that rows made together stand together in every index, and are written as one page
    instead of one each. A UUID of version 7 (RFC 9562 §5.7); behind the milliseconds stands their fraction (§6.2).
    """
    microseconds = (now - _EPOCH) // _MICROSECOND
    milliseconds, fraction = divmod(microseconds, 1000)
    head = milliseconds << 16 | 0x7000 | fraction * 4096 // 1000
    return UUID(int=head << 64 | 0b10 << 62 | secrets.randbits(62))
