"""Knows what is spoiled, which tests have to notice, and what may stay because it makes no difference."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from unittest.mock import patch

from portal.domain import roles
from portal.domain.roles import GRANTS, GRANTS_BELOW, Role
from tests.isolation.elsewhere import ELSEWHERE
from tests.isolation.filters import all_filters, without
from tests.mutants.changes import changes_of, made
from tests.swapping import functions_of, swapped

ROLES, TREE = "tests/domain/test_roles.py", "tests/domain/test_tenancy.py"
COMPANIES, ROWS = "tests/services/test_tenants.py", "tests/store/test_scopes.py"
# By module: the functions, or all of them, and the tests.
TARGETS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "portal.domain.roles": ((), (ROLES,)),
    "portal.domain.tenancy": ((), (TREE, ROLES)),
    "portal.services.places": ((), (COMPANIES,)),
    "portal.store.tenants": (
        (
            *("get", "find", "find_root", "_found", "as_domain", "lineage", "_lineage", "subtree"),
            *("get_row", "count_below", "name_is_taken", "inheriting", "count_inheriting"),
        ),
        (ROWS, COMPANIES, "tests/services/test_moving.py"),
    ),
    "portal.store.paths": ((), (ROWS, COMPANIES, "tests/services/test_moving.py")),
    "portal.store.users": (("get_of_tenant", "rows_by_id", "rows_of", "ids_by_email"), (ROWS,)),
    "portal.store.mail_configs": (
        ("find_row", "get_row", "is_of_tenant", "of_tenant", "names_of", "names_below"),
        (ROWS,),
    ),
    "portal.store.profiles": (("get_row", "rows_of"), (ROWS,)),
    "portal.store.contacts": (("get_row", "of_tenant"), (ROWS,)),
    "portal.store.trials": (("get_row", "find_row"), (ROWS,)),
    "portal.services.mail_log": (("_mail_of",), ("tests/services/test_mail_log.py",)),
}
# Nobody can tell these from what they replace, and why.
_INSIDE = "what a part of a query is called inside of it"
_KEEPS_NONE = "a kind of id is a name for the checker alone: at run time None stays None"
_ASKS_AGAIN = (
    "what was read is asked for once more, which is what tests/guards/test_queries.py counts; the answer is the same"
)
EQUIVALENT: Mapping[str, str] = {
    "portal.domain.tenancy.subtree_of: '~' → '~x'": "no character of a path is greater than this one",
    "portal.store.mail_configs.get_row: 'config' → 'configx'": "by this name nobody else knows what was read",
    "portal.store.tenants.find: 'tenant' → 'tenantx'": _ASKS_AGAIN,
    "portal.store.tenants.lineage: 'lineage' → 'lineagex'": _ASKS_AGAIN,
    "portal.store.tenants.inheriting: 'below' → 'belowx'": _INSIDE,
    "portal.store.tenants.inheriting: True → False": "SQLite takes a query for recursive whatever is said of it",
    (
        "portal.store.tenants.subtree: found.get(row.parent_id) if row.parent_id else None → found.get(row.parent_id)"
    ): "nobody has no id, so nobody is found",
    (
        "portal.store.profiles.rows_of: select(ProfileRow).where(ProfileRow.tenant_id == tenant_id)"
        ".order_by(ProfileRow.position) → select(ProfileRow).where(ProfileRow.tenant_id == tenant_id)"
    ): "on SQLite the index of a company's profiles gives them in this order anyway",
    "portal.store.tenants.as_domain: TenantId(row.parent_id) if row.parent_id else None → TenantId(row.parent_id)": _KEEPS_NONE,
    "without store.tree._IS_IT: TenantRow.id == bindparam('tenant_id')": (
        "of those above nobody reads how many stand below; that they are not counted saves time"
    ),
    (
        "portal.store.tenants.as_domain: ConfigId(row.active_config_id) if row.active_config_id else None"
        " → ConfigId(row.active_config_id)"
    ): _KEEPS_NONE,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """`number` is its place among all of them."""

    number: int
    name: str
    on: "partial[AbstractContextManager[object]]"
    tests: tuple[str, ...]

    @property
    def place(self) -> str:
        """The function, or the line of the table of grants, before it says what is changed there."""
        return self.name.partition(":")[0]


def mutants() -> Iterator[Mutant]:
    for number, (name, on, tests) in enumerate(_ways_to_spoil()):
        yield Mutant(number, name, on, tests)


def _ways_to_spoil() -> Iterator[tuple[str, "partial[AbstractContextManager[object]]", tuple[str, ...]]]:
    for module, (names, tests) in TARGETS.items():
        for name, node in functions_of(module):
            if not names or name in names:
                for change in changes_of(module, name, node):
                    yield change.name, partial(_spoiled, change), tests
    for each in all_filters():
        if each.place in ELSEWHERE:
            yield f"without {each.name}", partial(without, each), (ELSEWHERE[each.place],)
    yield from _grants_that_are_missing()


def _spoiled(change: object) -> AbstractContextManager[None]:
    node = dict(functions_of(change.module))[change.function]
    return swapped(change.module, change.function, made(change, node))


def _grants_that_are_missing() -> Iterator[tuple[str, "partial[object]", tuple[str, ...]]]:
    """The table itself, line by line; that something may be added to it is what `make isolation` tries."""
    for name, table in (("GRANTS", GRANTS), ("GRANTS_BELOW", GRANTS_BELOW)):
        for role in Role:
            for permission in sorted(table[role]):
                less = MappingProxyType({**table, role: table[role] - {permission}})
                yield f"{name}: {role} may no longer {permission}", partial(patch.object, roles, name, less), (ROLES,)
