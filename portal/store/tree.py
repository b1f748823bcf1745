"""Knows how the tree is read a page at a time: who stands above, who is a child of whom, and whom a question finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.domain.errors import NotFoundError
from portal.domain.ids import TenantId
from portal.domain.tenancy import DEEPEST, HOLDS, Tenant, TenantStatus, subtree_of
from portal.domain.tree import MOST_BELOW, MOST_CHILDREN, PAGE, Show, TreeQuery
from portal.store import checks, paths, tenants
from portal.store.db import at_once
from portal.store.mail_configs import MailConfigRow
from portal.store.tenants import TenantRow, as_domain

_Named = aliased(MailConfigRow)
_Below = aliased(TenantRow)


@dataclass(frozen=True, slots=True)
class Line:
    """A company as a page reads it. `tenant.suspended` tells of the company itself alone."""

    tenant: Tenant
    config_name: str | None
    fails: bool
    children: int
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A company and everyone above it, nearest first; and of those below how many there are, and how many fail.

    Both numbers end one after MOST_BELOW.
    """

    lines: Sequence[Line]
    size: int
    failing: int


def place_of(session: Session, tenant_id: TenantId) -> Place:
    """Raises NotFoundError for a company that is not there, or closed."""
    found = at_once(session, _PLACE, {"tenant_id": tenant_id}).all()
    nearest_first = sorted(found, key=lambda row: str(row.path), reverse=True)
    if not nearest_first or nearest_first[0].id != tenant_id:
        raise NotFoundError
    lines = [_line(row, is_hit=False) for row in nearest_first]
    return Place(lines, nearest_first[0].size, nearest_first[0].failing)


def everyone(session: Session, top: Tenant) -> list[Line]:
    """Everybody below, up to one more than MOST_BELOW; whoever asks knows that there are few."""
    below = TenantRow.path.between(*subtree_of(top.path)), TenantRow.id != top.id
    rows = at_once(session, _ROWS.where(*below, _is_open(TenantRow)).order_by(*_BY_NAME).limit(MOST_BELOW + 1))
    return [_line(row, is_hit=False) for row in rows]


def children(session: Session, top: Tenant, opened: Sequence[TenantId], *, after: str) -> list[Line]:
    """A page of the children of a company, those behind `after`, and the first ones of each open branch below it.

    Of each one more than PAGE, if there are more. By parent and name.
    """
    arms = [
        _children_of(top, top.id).where(TenantRow.name_key > after),
        *(_children_of(top, each) for each in opened),
    ]
    found = union_all(*(select(arm.limit(PAGE + 1).subquery().c.id) for arm in arms)).subquery("found")
    rows = at_once(session, _ROWS.join(found, found.c.id == TenantRow.id).order_by(*_BY_NAME))
    return [_line(row, is_hit=False) for row in rows]


def found_by(session: Session, top: Tenant, query: TreeQuery, *, after: TenantId | None) -> list[Line]:
    """A page of whom a question finds below a company or in itself, with everyone above them up to it.

    In the order of the tree; of those found one more than PAGE, if there are more. Nobody stands behind an `after` that
    is not in the subtree.
    """
    found = _matching(top, query).order_by(TenantRow.path).limit(PAGE + 1)
    if after is not None:
        place = select(_Below.path).where(_Below.id == after, _Below.path.between(*subtree_of(top.path)))
        found = found.where(TenantRow.path > place.scalar_subquery())
    hits = found.cte("hits")
    steps = select(hits.c.id, hits.c.parent_id).cte("steps", recursive=True)
    upwards = select(_Below.id, _Below.parent_id).join(steps, _Below.id == steps.c.parent_id)
    steps = steps.union(upwards.where(_Below.path.between(*subtree_of(top.path))))
    rows = _ROWS.add_columns(hits.c.id.is_not(None).label("is_hit")).join(steps, steps.c.id == TenantRow.id)
    rows = rows.outerjoin(hits, hits.c.id == TenantRow.id).order_by(*_BY_NAME)
    return [_line(row, is_hit=bool(row.is_hit)) for row in at_once(session, rows)]


def able_to_hold(session: Session, top: Tenant, tenant: Tenant, *, words: str, limit: int) -> list[Tenant]:
    """Those in the subtree of `top` under whom a company could stand instead, in the order of the tree.

    The name it has there may be taken. `suspended` tells of each company itself alone.
    """
    deepest = DEEPEST - paths.levels_of(session, tenant)
    kinds = [kind.value for kind, held in HOLDS.items() if tenant.kind in held]
    found = _open_with(select(*_COLUMNS).where(TenantRow.path.between(*subtree_of(top.path))), words).where(
        TenantRow.kind.in_(kinds),
        ~TenantRow.path.between(*subtree_of(tenant.path)),
        TenantRow.id != tenant.parent_id,
        paths.depth_of(TenantRow) <= deepest,
    )
    rows: Any = at_once(session, found.order_by(TenantRow.path).limit(limit))
    return [as_domain(row, suspended=row.status == TenantStatus.SUSPENDED.value) for row in rows]


def names_at(session: Session, paths: Sequence[str]) -> dict[str, str]:
    """What the companies with these paths are called."""
    rows = at_once(session, select(TenantRow.path, TenantRow.name).where(TenantRow.path.in_(paths)))
    return {row.path: row.name for row in rows}


def _children_of(top: Tenant, parent_id: TenantId) -> Select[UUID]:
    below = TenantRow.path.between(*subtree_of(top.path))
    children = select(TenantRow.id).where(TenantRow.parent_id == parent_id, below, _is_open(TenantRow))
    return children.order_by(TenantRow.name_key)


def _matching(top: Tenant, query: TreeQuery) -> Select[Any]:
    below = TenantRow.path.between(*subtree_of(top.path))
    found: Select[Any] = _open_with(select(TenantRow.id, TenantRow.parent_id).where(below), query.words)
    match query.show:
        case Show.OWN:
            return found.where(TenantRow.active_config_id.is_not(None))
        case Show.DEFAULT:
            return found.where(TenantRow.active_config_id.is_(None))
        case Show.SUSPENDED:
            return found.where(TenantRow.status == TenantStatus.SUSPENDED.value)
        case Show.FAILING:
            return found.where(TenantRow.id.in_(checks.failing()))
        case None:
            return found


def _open_with(found: Any, words: str) -> Any:
    """Those that are not closed and have every one of these words in their names."""
    for word in words.casefold().split():
        found = found.where(TenantRow.name_key.contains(word, autoescape=True))
    return found.where(_is_open(TenantRow))


def _is_open(companies: Any) -> ColumnElement[bool]:
    return companies.status != tenants.CLOSED  # type: ignore[no-any-return]


def _at_most(most: int, found: Select[Any]) -> ColumnElement[int]:
    """How many rows there are, up to one more than `most`."""
    return select(func.count()).select_from(found.correlate(TenantRow).limit(most + 1).subquery()).scalar_subquery()


def _line(row: Any, *, is_hit: bool) -> Line:
    is_at_rest = row.status == TenantStatus.SUSPENDED.value
    tenant = as_domain(row, suspended=is_at_rest)
    return Line(tenant, row.config_name, bool(row.fails), row.children, is_hit)


_COLUMNS = tenants.values_of(TenantRow)
_CHILDREN = _at_most(
    MOST_CHILDREN, select(literal(1).label("one")).where(_Below.parent_id == TenantRow.id, _is_open(_Below))
)
_ROWS = select(
    *_COLUMNS,
    _Named.name.label("config_name"),
    checks.fails_there().label("fails"),
    _CHILDREN.label("children"),
).outerjoin(_Named, _Named.id == TenantRow.active_config_id)
_BY_NAME = (TenantRow.parent_id, TenantRow.name_key)

_IN_SUBTREE = _Below.path.between(TenantRow.path, TenantRow.path.concat("~")), _is_open(_Below)
_SIZE = _at_most(MOST_BELOW, select(literal(1).label("one")).where(*_IN_SUBTREE, _Below.id != TenantRow.id))
_FAILING = _at_most(
    MOST_BELOW,
    select(MailConfigRow.tenant_id)
    .join(_Below, _Below.id == MailConfigRow.tenant_id)
    .where(*_IN_SUBTREE, checks.fails_in(_Below))
    .distinct(),
)
_IS_IT = TenantRow.id == bindparam("tenant_id")
_PLACE = _ROWS.add_columns(
    case((_IS_IT, _SIZE), else_=0).label("size"), case((_IS_IT, _FAILING), else_=0).label("failing")
).where(tenants.IN_LINEAGE, _is_open(TenantRow))
