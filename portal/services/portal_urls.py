"""Knows under which address the people of a company reach the portal: what a request claims plays no part in it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.store import brand_hosts
from portal.store.row_security import looking_up


@dataclass(frozen=True, slots=True)
class PortalUrls:
    """`public_url` is the operator's (PORTAL_PUBLIC_URL), without a slash at its end."""

    public_url: str

    @property
    def own_name(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    def of(self, session: Session, tenant_id: TenantId) -> str:
        """The nearest approved brand host of a company or of one above it, or else the portal's own address."""
        with looking_up(session):
            name = brand_hosts.nearest_name(session, tenant_id)
        return self.under(name) if name else self.public_url

    def under(self, name: str) -> str:
        """The same portal under another name: scheme and port stay as they are."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{name}" + (f":{parts.port}" if parts.port else "")
