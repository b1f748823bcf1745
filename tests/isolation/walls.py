"""Knows every wall between companies, and how one alone is switched off while all others stand."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from types import MappingProxyType
from unittest.mock import patch
from uuid import UUID

from flask import Flask, g
from flask.typing import ResponseReturnValue

from portal.domain import roles
from portal.domain.ids import TenantId
from portal.domain.roles import GRANTS, GRANTS_BELOW, Permission, Role
from portal.services import places
from portal.store import tenants
from portal.store.db import reading
from tests.guards.inhabited import Inhabited
from tests.guards.routes import Way, ways
from tests.isolation.cases import Case
from tests.isolation.elsewhere import ELSEWHERE
from tests.isolation.filters import all_filters, without
from tests.isolation.survey import Function

_LOOKS = {each for each in Permission if each.endswith(":view")}
# The page of a closure tells what a rest would do, too.
_BESIDES = {Permission.CLOSE_TENANT: {Permission.SUSPEND_TENANT}}

Concerns = Callable[[Case], bool]


@dataclass(frozen=True, slots=True)
class Wall:
    """`off()` opens it for as long as the block lasts; `concerns` tells which cases might notice."""

    kind: str
    name: str
    off: Callable[[], AbstractContextManager[object]]
    concerns: Concerns


def all_walls(town: Inhabited, used: Mapping[Function, frozenset[str]]) -> list[Wall]:
    return [*_marks(town.app), *_rows(town), *_filters(used)]


def unnoticeable(used: Mapping[Function, frozenset[str]]) -> list[str]:
    """The comparisons that no page reaches, although no test of their own is named for them."""
    return [
        each.name for each in all_filters() if each.place not in ELSEWHERE and (each.module, each.function) not in used
    ]


def gone() -> list[str]:
    """Places that are named to be tested elsewhere, where nothing is compared any more."""
    return sorted(ELSEWHERE.keys() - {each.place for each in all_filters()})


def _marks(app: Flask) -> Iterator[Wall]:
    """What every way says of itself: that somebody has to be signed in, and what he has to be allowed there."""
    for way in ways(app):
        if way.policy.is_public:
            continue
        yield Wall("mark", f"{way.name}: sign in first", partial(_bare, app, way), partial(_is_of, way))
        if way.policy.permission:
            yield Wall("mark", f"{way.name}: {way.policy.permission}", _nobody_asks, partial(_is_of, way))
        elif way.policy.is_operators:
            yield Wall("mark", f"{way.name}: the operator alone", _everybody_operates, partial(_is_of, way))


def _is_of(way: Way, case: Case) -> bool:
    return case.way.name == way.name


@contextmanager
def _bare(app: Flask, way: Way) -> Iterator[None]:
    """The view as if nothing had been said of it: the company of the address is taken as it comes."""
    usual = app.view_functions[way.rule.endpoint]
    view = usual.__wrapped__

    def in_company(tenant_id: UUID, **values: object) -> ResponseReturnValue:
        with reading("system") as session:
            g.tenant = tenants.get(session, TenantId(tenant_id))
        return view(tenant_id, **values)

    with patch.dict(app.view_functions, {way.rule.endpoint: in_company if way.policy.permission else view}):
        yield


@contextmanager
def _nobody_asks() -> Iterator[None]:
    """Neither the door nor any use case behind it asks whether somebody may."""
    with patch.object(places, "ensure_may", lambda *_: None):
        yield


@contextmanager
def _everybody_operates() -> Iterator[None]:
    with patch.object(roles, "is_operator", lambda _: True):
        yield


def _rows(town: Inhabited) -> Iterator[Wall]:
    """Everything that the table of grants does not say: a permission more for a role, at home or below.

    Pages show more than what they ask permission for, so whoever gets one gets to look, too. A permission that no way
    asks for opens none.
    """
    asked = {way.policy.permission for way in ways(town.app)}
    for role, permission in product(Role, sorted(asked & set(Permission))):
        for name, table in (("GRANTS", GRANTS), ("GRANTS_BELOW", GRANTS_BELOW)):
            if permission not in table[role]:
                given = {permission} | _LOOKS | _BESIDES.get(permission, set())
                more = MappingProxyType({**table, role: table[role] | given})
                off = partial(patch.object, roles, name, more)
                yield Wall("grant", f"{name}: {role} may {permission}", off, partial(_asks_as, role, permission))
    for wrong in (_owner, _at_root):
        off = partial(patch.object, roles, "is_operator", wrong)
        yield Wall("grant", f"is_operator: {wrong.__name__}", off, _is_operators)


def _owner(actor: roles.Actor) -> bool:
    return actor.role is Role.OWNER


def _at_root(actor: roles.Actor) -> bool:
    return actor.tenant.is_root


def _asks_as(role: Role, permission: Permission, case: Case) -> bool:
    return (
        case.visitor.actor is not None and case.visitor.actor.role is role and case.way.policy.permission == permission
    )


def _is_operators(case: Case) -> bool:
    return case.way.policy.is_operators


def _filters(used: Mapping[Function, frozenset[str]]) -> Iterator[Wall]:
    for each in all_filters():
        names = used.get((each.module, each.function))
        if names and each.place not in ELSEWHERE:
            yield Wall("filter", each.name, partial(without, each), partial(_is_among, names))


def _is_among(names: frozenset[str], case: Case) -> bool:
    return case.way.name in names
