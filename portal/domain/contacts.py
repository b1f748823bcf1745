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


class ContactSort(StrEnum):
    KIND = "kind"
    NAME = "name"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """Which of a company's contacts are asked for: None and an empty text ask for all.

    Every one of `words` is in the name or the address. `is_reversed` puts the last of the order first.
    """

    words: str = ""
    kind: ContactKind | None = None
    sort: ContactSort = ContactSort.KIND
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What the holder of an address is asked: to be this company's contact of this kind."""

    company: str
    kind: ContactKind
    email: str
