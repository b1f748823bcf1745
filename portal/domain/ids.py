"""Knows the kinds of id. Every id is a random UUID made before its row exists, so that a secret can be bound to it."""

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
    "new_id",
]


def new_id() -> UUID:
    return uuid4()
