"""Knows a brand host: a name of a company's own under which the portal answers, once the operator approved it."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.errors import InvalidError, Problem
from portal.domain.hosts import canonical_domain
from portal.domain.ids import BrandHostId, TenantId

MOST = 5


@dataclass(frozen=True, slots=True)
class BrandHost:
    """`approved_at` is None while the operator has not looked. `is_flagged`: the company moved since he did."""

    id: BrandHostId
    tenant_id: TenantId
    company: str
    name: str
    asked_at: datetime
    approved_at: datetime | None
    is_flagged: bool

    @property
    def is_served(self) -> bool:
        return self.approved_at is not None

    @property
    def waits(self) -> bool:
        """Whether the operator is to look at it."""
        return self.approved_at is None or self.is_flagged


def judged_name(text: str, *, own_name: str) -> str:
    """A full domain name in its one spelling (A-labels, small letters); `own_name` is the portal's.

    Raises InvalidError at the field `host_name`.
    """
    try:
        name = canonical_domain(text)
    except ValueError:
        name = ""
    if "." not in name:
        raise InvalidError([Problem("host_name", "not-a-domain" if text.strip() else "required")])
    if name == own_name:
        raise InvalidError([Problem("host_name", "own-name")])
    return name
