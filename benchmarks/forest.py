"""Knows a forest of many companies, planted in bulk below a portal's root."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, select, update

from portal.domain.ids import TenantId, UserId, new_id
from portal.domain.roles import Actor, Permission, Role
from portal.domain.tenancy import DEEPEST, Tenant, TenantKind, label_of
from portal.services import Services
from portal.store import tenants
from portal.store.db import SYSTEM, reading, table_of, unit_of_work
from portal.store.mail_configs import MailConfigRow
from portal.store.tenants import TenantRow
from tests.cast import Cast, plant

WIDE = 10_000
_AT_ONCE = 20_000
# Every so many-th company chose a configuration of its own, and every so many-th of these fails.
_OWN, _FAILING = 5, 1000


@dataclass(frozen=True, slots=True)
class Forest:
    """`wide` has its children all side by side, `deep` is the first of a chain as deep as the tree may be."""

    cast: Cast
    wide: TenantId
    deep: TenantId
    size: int


def planted_in(services: Services, companies: int) -> Forest:
    """About so many companies around the cast: resellers with sub-resellers with customers, in equal numbers of each.

    Besides them a reseller with WIDE customers, and a chain. Those that stand there already are taken as they are.
    """
    root = services.tenants.find_root()
    if root is None:
        cast = plant(services)
        cast.active_config(cast.sue)
        each = round(max(companies - WIDE, 1) ** (1 / 3))
        with unit_of_work(SYSTEM) as session:
            _Planting(session.connection(), cast.pia.tenant.id, cast.sue.tenant.id).grow(each)
    else:
        cast = _cast_in(services, root)
    with reading(SYSTEM) as session:
        named = select(TenantRow.name, TenantRow.id).where(TenantRow.name.in_(["Wide", "Deep 02"]))
        found = {row.name: TenantId(row.id) for row in session.execute(named)}
        return Forest(cast, found["Wide"], found["Deep 02"], tenants.count_below(session, cast.pia.tenant) + 1)


def _cast_in(services: Services, root: Tenant) -> Cast:
    owner = Actor(UserId(new_id()), root, Role.OWNER, "pia@demo.test", "Pia")
    people = []
    for name in ("pia", "rex", "sue", "cal", "otto"):
        user = services.users.find_below(owner, f"{name}@demo.test")
        assert user is not None
        tenant = services.tenants.get(owner, user.tenant_id, Permission.VIEW_TREE)
        people.append(Actor(user.id, tenant, user.role, user.email, user.name))
    return Cast(services, *people, people[3].tenant)


class _Planting:
    def __init__(self, connection: Connection, root: TenantId, model: TenantId) -> None:
        self._connection = connection
        table, configs = table_of(TenantRow), table_of(MailConfigRow)
        rows = connection.execute(select(table)).mappings().all()
        self._model = dict(next(each for each in rows if each["id"] == model))
        self._root = dict(next(each for each in rows if each["id"] == root))
        own = configs.c.id == self._model["active_config_id"]
        self._config = dict(connection.execute(select(configs).where(own)).mappings().one())
        self._label = max(each["label"] for each in rows)

    def grow(self, each: int) -> None:
        above = [self._child(self._root, TenantKind.RESELLER, f"Reseller {number:05}") for number in range(each)]
        whale = self._child(self._root, TenantKind.RESELLER, "Wide")
        chain = [self._child(self._root, TenantKind.RESELLER, "Deep 02")]
        for depth in range(3, DEEPEST + 1):
            chain.append(self._child(chain[-1], TenantKind.SUB_RESELLER, f"Deep {depth:02}"))
        middle = [self._child(one, TenantKind.SUB_RESELLER, f"Branch {n:05}") for one in above for n in range(each)]
        for rows in (above, [whale, *chain], middle):
            self._write(rows)
        leaves = (self._child(one, TenantKind.CUSTOMER, f"Company {n:05}") for one in middle for n in range(each))
        while rows := list(islice(leaves, _AT_ONCE)):
            self._write(rows)
        self._write([self._child(whale, TenantKind.CUSTOMER, f"Customer {number:05}") for number in range(WIDE)])

    def _child(self, parent: dict[str, Any], kind: TenantKind, name: str) -> dict[str, Any]:
        self._label += 1
        return self._model | {
            "id": new_id(),
            "parent_id": parent["id"],
            "kind": kind.value,
            "name": name,
            "name_key": name.casefold(),
            "label": self._label,
            "path": f"{parent['path']}{label_of(self._label)}.",
            "active_config_id": None,
        }

    def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        table, configs = table_of(TenantRow), table_of(MailConfigRow)
        own = list(self._configs(rows))
        self._connection.execute(insert(table), rows)
        if not own:
            return
        self._connection.execute(insert(configs), own)
        chosen = configs.c.tenant_id == table.c.id
        self._connection.execute(
            update(table)
            .where(table.c.label.between(rows[0]["label"], rows[-1]["label"]))
            .values(active_config_id=select(configs.c.id).where(chosen).scalar_subquery())
        )

    def _configs(self, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for each in rows:
            if each["label"] % _OWN == 0:
                fails = each["label"] % (_OWN * _FAILING) == 0
                yield self._config | {"id": new_id(), "tenant_id": each["id"], "known_to_fail": fails}
