"""Knows whom a company names for its affairs: contacts of a kind, who get mail once they have agreed to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.ids import ContactId, TenantId

MOST_CONTACTS = 50


class ContactKind(StrEnum):
    """What a contact is asked about."""

    BILLING = "billing"
    TECHNICAL = "technical"
    ABUSE = "abuse"


@dataclass(frozen=True, slots=True)
class Contact:
    """`verified_at` is when its holder opened the link that was mailed to the address; until then it gets no mail."""

    id: ContactId
    tenant_id: TenantId
    kind: ContactKind
    name: str
    email: str
    verified_at: datetime | None
    version: int

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


@dataclass(frozen=True, slots=True)
class Request:
    """What the holder of an address is asked: to be this company's contact of this kind."""

    company: str
    kind: ContactKind
    email: str
