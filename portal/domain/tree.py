"""Knows what the tree screen shows of a tenant and everyone below it."""

from dataclasses import dataclass

from portal.domain.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class Branch:
    """One tenant with its children. `active_name` is its own active configuration, None on the Provider default."""

    tenant: Tenant
    active_name: str | None
    branches: tuple["Branch", ...]

    @property
    def size(self) -> int:
        """How many tenants stand below."""
        return sum(1 + branch.size for branch in self.branches)
