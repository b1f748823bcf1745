"""Knows the tenants' rows and the tree they form."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, TenantId
from portal.domain.tenancy import Tenant, TenantKind, TenantStatus, subtree_of
from portal.store.db import SYSTEM, Model, UtcTime, at_once, once
from portal.store.prepared import Prepared
from portal.store.row_security import Scope, standing_in

EVERYBODY = 2**31 - 1
_IS_OPEN = text("status != 'closed'")
_CHOSE = text("active_config_id IS NOT NULL AND status != 'closed'")
_CHOSE_NONE = text("active_config_id IS NULL AND status != 'closed'")
# PostgreSQL finds what begins with a path by its index only where it compares byte by byte.
_PATH = String(255).with_variant(String(255, collation="C"), "postgresql")


class TenantRow(Model):
    """`data_key` is the tenant's key, wrapped by the vault; `label` is the running number behind `path`.

    `sender_domains` and `mail_language` are None where nobody chose any.
    """

    __tablename__ = "tenants"
    __table_args__ = (
        # The active configuration can only be one of the tenant's own.
        ForeignKeyConstraint(
            ["id", "active_config_id"],
            ["mail_configs.tenant_id", "mail_configs.id"],
            name="fk_tenants_active_config",
            ondelete="RESTRICT",
            use_alter=True,
        ),
        UniqueConstraint("parent_id", "name_key"),
        # A page of the tree counts the children of each company on it, but for those that are closed.
        Index("ix_tenants_open", "parent_id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        # It shows who chose a configuration, or who did not, in its own order, however few they are.
        Index("ix_tenants_own", "path", sqlite_where=_CHOSE, postgresql_where=_CHOSE),
        Index("ix_tenants_default", "path", sqlite_where=_CHOSE_NONE, postgresql_where=_CHOSE_NONE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(360))
    label: Mapped[int] = mapped_column(unique=True)
    path: Mapped[str] = mapped_column(_PATH, unique=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    active_config_id: Mapped[UUID | None]
    shows_sender: Mapped[bool]
    data_key: Mapped[bytes]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    sender_domains: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    mail_language: Mapped[str | None] = mapped_column(String(10))


class _Values(NamedTuple):
    """What a tenant is made of, read as a plain row."""

    id: UUID
    parent_id: UUID | None
    kind: str
    name: str
    path: str
    status: str
    active_config_id: UUID | None
    shows_sender: bool
    version: int


# Written out and not bound: where a value decides whether an index serves, SQLite makes a new plan each time.
CLOSED: ColumnElement[str] = literal_column(f"'{TenantStatus.CLOSED.value}'")
# For statements that read two tenants at once: where somebody is at home, and where he goes.
Home, There = aliased(TenantRow), aliased(TenantRow)
_Above = aliased(TenantRow)
# A tenant is suspended when anyone on its path is; the path makes that one comparison.
_IS_SUSPENDED = {
    table: exists()
    .where(_Above.status == TenantStatus.SUSPENDED.value, table.path.like(_Above.path + "%"))
    .correlate(table)
    for table in (TenantRow, Home, There)
}
_ITSELF = select(TenantRow.id, TenantRow.parent_id).where(TenantRow.id == bindparam("tenant_id"))
_STEPS = _ITSELF.cte(recursive=True)
_STEPS = _STEPS.union_all(select(TenantRow.id, TenantRow.parent_id).join(_STEPS, TenantRow.id == _STEPS.c.parent_id))
_KEY = select(TenantRow.data_key).where(TenantRow.id == bindparam("tenant_id"))


def as_domain(row: TenantRow | _Values, *, suspended: bool) -> Tenant:
    return Tenant(
        id=TenantId(row.id),
        parent_id=TenantId(row.parent_id) if row.parent_id else None,
        kind=TenantKind(row.kind),
        name=row.name,
        path=row.path,
        status=TenantStatus(row.status),
        suspended=suspended,
        active_config_id=ConfigId(row.active_config_id) if row.active_config_id else None,
        shows_sender=row.shows_sender,
        version=row.version,
    )


def columns_of(table: type[TenantRow]) -> tuple[Any, ...]:
    """What `from_values` makes a tenant of, for statements that read one along with something else.

    `table` is the tenants' own, `Home` or `There`.
    """
    return *values_of(table), _IS_SUSPENDED[table]


def values_of(table: type[TenantRow]) -> tuple[Any, ...]:
    """The same without whether it is suspended, where that follows from whoever else is read."""
    return tuple(getattr(table, name) for name in _Values._fields)


def from_values(values: Sequence[Any]) -> Tenant:
    """The tenant in these values, in the order of `columns_of`."""
    *columns, suspended = values
    return as_domain(_Values(*columns), suspended=bool(suspended))


_OPEN = select(*columns_of(TenantRow)).where(TenantRow.status != CLOSED)
_ONE = _OPEN.where(TenantRow.id == bindparam("tenant_id"))
WITH_KEY = _ONE.add_columns(TenantRow.data_key)
_WITH_KEY = Prepared(WITH_KEY)
# A tenant and everyone above it, in any order.
IN_LINEAGE = TenantRow.id.in_(select(_STEPS.c.id))
LINEAGE = _OPEN.where(IN_LINEAGE)


def get(session: Session, tenant_id: TenantId) -> Tenant:
    """Raises NotFoundError."""
    tenant = find(session, tenant_id)
    if tenant is None:
        raise NotFoundError
    return tenant


def find(session: Session, tenant_id: TenantId) -> Tenant | None:
    """A tenant that is not closed, or None."""
    return once(session, ("tenant", tenant_id), lambda: _found(session, tenant_id))


def remember(session: Session, *tenants: Tenant, scope: Scope | None = None) -> None:
    """Tell a reading of tenants that are not closed and were read in it already; `scope` is as in `once`."""
    for tenant in tenants:
        once(session, ("tenant", tenant.id), partial(_itself, tenant), scope=scope)


def _found(session: Session, tenant_id: TenantId) -> Tenant | None:
    row = at_once(session, _ONE, {"tenant_id": tenant_id}).one_or_none()
    return from_values(tuple(row)) if row else None


def find_with_key(session: Session, tenant_id: TenantId) -> tuple[Tenant, bytes] | None:
    """A tenant that is not closed, with its data key, wrapped; or None."""
    row = _WITH_KEY.row(session, {"tenant_id": tenant_id})
    return None if row is None else with_key_from(row)


def foresee_with_key(session: Session, tenant_id: TenantId) -> None:
    """Say that this is what will be asked for."""
    _WITH_KEY.foresee(session, {"tenant_id": tenant_id})


def with_key_from(values: Sequence[Any]) -> tuple[Tenant, bytes]:
    """The tenant and its key in these values, in the order of `WITH_KEY`."""
    *columns, data_key = values
    return from_values(columns), data_key


def _itself(tenant: Tenant) -> Tenant | None:
    return tenant


def find_root(session: Session) -> Tenant | None:
    found = session.execute(_OPEN.where(TenantRow.parent_id.is_(None))).one_or_none()
    return from_values(tuple(found)) if found else None


def key_of(session: Session, tenant_id: TenantId) -> bytes:
    """The tenant's data key, wrapped; empty for one that is closed. Raises NotFoundError."""
    find = partial(at_once, session, _KEY, {"tenant_id": tenant_id})
    key: bytes | None = once(session, ("key", tenant_id), lambda: find().scalar_one_or_none())
    if key is None:
        raise NotFoundError
    return key


def get_row(session: Session, tenant_id: TenantId) -> TenantRow:
    """The row itself, for a change. Raises NotFoundError."""
    row = session.get(TenantRow, tenant_id)
    if row is None:
        raise NotFoundError
    return row


def lineage(session: Session, tenant: Tenant) -> list[Tenant]:
    """The tenant and everyone above it, nearest first, by one recursive query."""
    return list(once(session, ("lineage", tenant.id), lambda: _lineage(session, tenant)))


def remember_lineage(session: Session, found: Sequence[Tenant]) -> list[Tenant]:
    """Tell a reading of a tenant and everyone above it, read in it in any order. Returns them nearest first."""
    nearest_first = sorted(found, key=lambda each: each.depth, reverse=True)
    remember(session, *nearest_first)
    return once(session, ("lineage", nearest_first[0].id), lambda: nearest_first)


def _lineage(session: Session, tenant: Tenant) -> list[Tenant]:
    found = [from_values(tuple(row)) for row in at_once(session, LINEAGE, {"tenant_id": tenant.id})]
    remember(session, *found)
    return sorted(found, key=lambda each: each.depth, reverse=True)


def subtree(session: Session, top: Tenant) -> list[Tenant]:
    """The tenant and everyone below it, parents before their children."""
    # Whether somebody rests follows from whoever stands above; asked of the database it is asked once for every pair.
    rows = session.scalars(
        select(TenantRow)
        .where(TenantRow.status != CLOSED, TenantRow.path.between(*subtree_of(top.path)))
        .order_by(func.length(TenantRow.path), TenantRow.name_key)
    )
    found: dict[UUID, Tenant] = {}
    for row in rows:
        above = found.get(row.parent_id) if row.parent_id else None
        rests = above.suspended if above else top.suspended
        found[row.id] = as_domain(row, suspended=rests or row.status == TenantStatus.SUSPENDED.value)
    return list(found.values())


def find_on_the_way(session: Session, parent: Tenant, way: str) -> list[Tenant]:
    """Whose folded name a way from a parent downwards begins with; names are parted by slashes, and may hold some."""
    begins = func.substr(literal(way), 1, func.length(TenantRow.name_key) + 1) == TenantRow.name_key.concat("/")
    rows = session.execute(_OPEN.where(TenantRow.parent_id == parent.id, begins | (TenantRow.name_key == way)))
    return [from_values(tuple(row)) for row in rows]


def count_below(session: Session, top: Tenant) -> int:
    """How many tenants stand below this one."""
    below = TenantRow.path.between(*subtree_of(top.path)), TenantRow.id != top.id
    return session.scalar(select(func.count()).where(*below, TenantRow.status != CLOSED)) or 0


def name_is_taken(session: Session, parent_id: TenantId | None, name_key: str, *, except_id: TenantId) -> bool:
    """Whether a neighbour has this name already; nothing else is learnt of neighbours."""
    taken = exists().where(TenantRow.parent_id == parent_id, TenantRow.name_key == name_key, TenantRow.id != except_id)
    with standing_in(session, SYSTEM):
        return bool(session.scalar(select(taken)))


def inheriting(tenant_id: Any, *, most: int) -> Select[int]:
    """Count the tenants below that stay on the Provider default all the way up to this one, up to so many."""
    inherits = TenantRow.active_config_id.is_(None), TenantRow.status != CLOSED
    below = select(TenantRow.id).where(TenantRow.parent_id == tenant_id, *inherits).cte("below", recursive=True)
    below = below.union_all(select(TenantRow.id).join(below, TenantRow.parent_id == below.c.id).where(*inherits))
    # Neither database walks on once the outer query has enough.
    return select(func.count()).select_from(select(below.c.id).limit(most).subquery())


def count_inheriting(session: Session, tenant_id: TenantId, *, most: int = EVERYBODY) -> int:
    """How many tenants below stay on the Provider default all the way up to this one; counted up to `most`."""
    return session.scalar(inheriting(tenant_id, most=most)) or 0
