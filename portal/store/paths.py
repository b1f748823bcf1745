"""Knows the paths of companies: one short label a level, written here alone, under the lock of those who write."""

from sqlalchemy import ColumnElement, func, literal, select, update
from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.tenancy import Tenant, label_of, subtree_of
from portal.store.db import SYSTEM
from portal.store.row_security import standing_in
from portal.store.tenants import TenantRow, get_row


def path_below(parent: Tenant | None, label: int) -> str:
    """Where a tenant with this running number stands under a parent. Nothing else writes paths."""
    return f"{parent.path if parent else ''}{label_of(label)}."


def relocate(session: Session, tenant: Tenant, parent: Tenant) -> None:
    """Put a tenant and everyone below it, the closed ones too, under another parent; call it under the write lock."""
    row = get_row(session, tenant.id)
    path = path_below(parent, row.label)
    row.parent_id, row.version = parent.id, row.version + 1
    session.flush()
    session.execute(
        update(TenantRow)
        .where(TenantRow.path.between(*subtree_of(tenant.path)))
        .values(path=literal(path).concat(func.substr(TenantRow.path, len(tenant.path) + 1)))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def misplaced(session: Session) -> list[TenantId]:
    """Tenants whose path is not their parent's with their own label behind: there are none, ever."""
    rows = session.execute(select(TenantRow.id, TenantRow.parent_id, TenantRow.label, TenantRow.path)).all()
    paths = {tenant_id: path for tenant_id, _parent, _label, path in rows}
    return [
        TenantId(tenant_id)
        for tenant_id, parent_id, label, path in rows
        if path != f"{paths[parent_id] if parent_id else ''}{label_of(label)}."
    ]


def next_label(session: Session) -> int:
    """The next running number; call it under the write lock."""
    with standing_in(session, SYSTEM):  # they are counted over all companies
        return (session.scalar(select(func.max(TenantRow.label))) or 0) + 1


def levels_of(session: Session, top: Tenant) -> int:
    """How many levels a company and everyone below it take; closed ones count, for they move along."""
    below = TenantRow.path.between(*subtree_of(top.path))
    return (session.scalar(select(func.max(depth_of(TenantRow))).where(below)) or top.depth) - top.depth + 1


def depth_of(companies: type[TenantRow]) -> ColumnElement[int]:
    """`Tenant.depth` of a row."""
    return func.length(companies.path) - func.length(func.replace(companies.path, ".", ""))
