"""Knows what the tree screen shows of a tenant and those below it, and what can be asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant

PAGE = 50
# Branches that stand open at once, beside the first one: so a page has an end.
MOST_OPEN = 10
# As far as a row, and a page, counts; beyond it says "more than".
MOST_CHILDREN, MOST_BELOW = 100, 1000
# Levels that stand open before anybody unfolds anything, where everyone fits on a page.
OPEN_LEVELS = 3


class Show(StrEnum):
    """Which companies alone are asked for: their own mail fails, they chose a configuration, chose none, or rest."""

    FAILING = "failing"
    OWN = "own"
    DEFAULT = "default"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class TreeQuery:
    """Every one of `words` has to be in a name. `opened` are the branches that stand open, None as it comes.

    `after` is where the page before ended, as that page said in `TreePage.last`.
    """

    words: str = ""
    show: Show | None = None
    opened: tuple[TenantId, ...] | None = None
    after: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.words.split()) or self.show is not None


@dataclass(frozen=True, slots=True)
class Branch:
    """One tenant with those of its children that are shown.

    `active_name` is its own active configuration, None on the Provider default; it is empty for whoever may not see
    the tenant's configurations. `fails` tells whether a configuration of its own fails that is in use, for whoever may
    see its configurations. `children` counts up to one more than MOST_CHILDREN; `has_more` says that there are others
    behind those that are shown.
    """

    tenant: Tenant
    active_name: str | None
    fails: bool
    branches: tuple["Branch", ...] = ()
    children: int = 0
    is_hit: bool = False
    is_open: bool = True
    has_more: bool = False

    @property
    def size(self) -> int:
        """How many tenants stand below, as far as they are shown."""
        return sum(1 + branch.size for branch in self.branches)

    @property
    def end(self) -> str:
        """Where those begin that stand behind the last of `branches`: they are in the order of these."""
        return self.branches[-1].tenant.name.casefold()

    @property
    def failing(self) -> int:
        """How many of the tenants here and below have a configuration that fails."""
        return self.fails + sum(branch.failing for branch in self.branches)


@dataclass(frozen=True, slots=True)
class TreePage:
    """`above` are those over `top`, as far up as the actor may see, root first.

    `size` counts everyone below `top` up to one more than MOST_BELOW, `failing` those at and below it that fail,
    alike. `last` is where the next page begins, empty where there is none.
    """

    top: Branch
    above: tuple[Branch, ...]
    size: int
    failing: int
    last: str

    @property
    def lineage(self) -> list[Tenant]:
        return [each.tenant for each in (*self.above, self.top)]


def unfolded(top: Branch, lines: Sequence[Branch], opened: Sequence[TenantId] | None) -> Branch:
    """The page of a tree: `lines` come in the order of their names; what is not opened is left out.

    Where nothing is said, the first levels stand open.
    """
    below = _by_parent(lines)

    def grow(branch: Branch, level: int) -> Branch:
        stands_open = level == 0 or (level < OPEN_LEVELS if opened is None else branch.tenant.id in opened)
        found = below.get(branch.tenant.id, []) if stands_open else []
        shown = tuple(grow(each, level + 1) for each in found[:PAGE])
        return replace(branch, branches=shown, is_open=bool(shown), has_more=len(found) > PAGE)

    return grow(top, 0)


def pruned(top: Branch, lines: Sequence[Branch]) -> Branch | None:
    """Those that were found with everyone above them, or None where nobody was."""
    below = _by_parent(lines)

    def grow(branch: Branch) -> Branch | None:
        shown = tuple(grown for each in below.get(branch.tenant.id, []) if (grown := grow(each)))
        return replace(branch, branches=shown, is_open=bool(shown)) if shown or branch.is_hit else None

    return grow(top)


def _by_parent(lines: Sequence[Branch]) -> Mapping[TenantId | None, list[Branch]]:
    below: dict[TenantId | None, list[Branch]] = {}
    for each in lines:
        below.setdefault(each.tenant.parent_id, []).append(each)
    return below
