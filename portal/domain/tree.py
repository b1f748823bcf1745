"""Knows what the tree screen shows of a tenant and everyone below it."""

from dataclasses import dataclass

from portal.domain.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class Branch:
    """One tenant with its children. `active_name` is its own active configuration, None on the Provider default.

    It is empty for whoever may not see the tenant's configurations.
    `fails` tells whether a configuration of its own fails that is in use, for whoever may see its configurations.
    """

    tenant: Tenant
    active_name: str | None
    fails: bool
    branches: tuple["Branch", ...]

    @property
    def size(self) -> int:
        """How many tenants stand below."""
        return sum(1 + branch.size for branch in self.branches)

    @property
    def failing(self) -> int:
        """How many of the tenants here and below have a configuration that fails."""
        return self.fails + sum(branch.failing for branch in self.branches)
