"""Knows who stands under whom, and who may hold whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.domain.ids import ConfigId, TenantId

DEEPEST = 32
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class TenantKind(StrEnum):
    PROVIDER = "provider"
    RESELLER = "reseller"
    SUB_RESELLER = "sub_reseller"
    CUSTOMER = "customer"


class TenantStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


HOLDS: Mapping[TenantKind, tuple[TenantKind, ...]] = MappingProxyType(
    {
        TenantKind.PROVIDER: (TenantKind.RESELLER, TenantKind.CUSTOMER),
        TenantKind.RESELLER: (TenantKind.SUB_RESELLER, TenantKind.CUSTOMER),
        TenantKind.SUB_RESELLER: (TenantKind.SUB_RESELLER, TenantKind.CUSTOMER),
        TenantKind.CUSTOMER: (),
    }
)


@dataclass(frozen=True, slots=True)
class Tenant:
    """One company of the tree.

    `path` is the lineage as short labels, each ended by a dot, root first; a tenant's path starts with the path
    of everyone above it. `suspended` is true when the tenant itself or anyone above it is suspended.
    `active_config_id` is None where the tenant stays on its Provider default.
    """

    id: TenantId
    parent_id: TenantId | None
    kind: TenantKind
    name: str
    path: str
    status: TenantStatus
    suspended: bool
    active_config_id: ConfigId | None
    shows_sender: bool
    version: int

    @property
    def depth(self) -> int:
        return self.path.count(".")

    @property
    def is_root(self) -> bool:
        return self.parent_id is None

    def stands_under(self, other: "Tenant") -> bool:
        """True for the tenant itself, too."""
        return self.path.startswith(other.path)

    def may_hold(self, kind: TenantKind) -> bool:
        return kind in HOLDS[self.kind] and self.depth < DEEPEST


def subtree_of(path: str) -> tuple[str, str]:
    """Between which paths, byte by byte and both included, those of a company and of everyone below it lie.

    An index finds what lies between two values; what begins with something is found by one on PostgreSQL alone.
    """
    return path, f"{path}~"


def label_of(number: int) -> str:
    """Write a running number as a path label (base 36); the dot after it keeps it from being a prefix of another."""
    digits = ""
    while number:
        number, remainder = divmod(number, 36)
        digits = _DIGITS[remainder] + digits
    return digits or "0"
