"""Knows the companies' wrapped data keys: how many begin with which head, and how some are exchanged at a time."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, case, func, select, update
from sqlalchemy.orm import Session

from portal.store.tenants import TenantRow

_NOT_SHREDDED = func.length(TenantRow.data_key) > 0


def count(session: Session, heads: Sequence[bytes]) -> list[int]:
    """How many keys begin with each of these heads."""
    columns = [func.sum(case((_begins_with(head), 1), else_=0)) for head in heads]
    return [found or 0 for found in session.execute(select(*columns)).one()]


def others(session: Session, heads: Sequence[bytes], *, length: int) -> Counter[bytes]:
    """The first bytes, `length` at most, of all keys that begin with none of these heads."""
    query = select(func.substr(TenantRow.data_key, 1, length, type_=LargeBinary))
    return Counter(session.scalars(query.where(_NOT_SHREDDED, *(~_begins_with(head) for head in heads))))


def next_without(session: Session, head: bytes, *, after: int, most: int) -> list[tuple[UUID, bytes, int]]:
    """The next companies, by their running number, whose key begins otherwise, each with its key and that number.

    Whoever comes meanwhile has a higher number, and neighbours stand together in the file: fewer pages are written.
    """
    columns = select(TenantRow.id, TenantRow.data_key, TenantRow.label)
    wanted = columns.where(TenantRow.label > after, _NOT_SHREDDED, ~_begins_with(head))
    rows = session.execute(wanted.order_by(TenantRow.label).limit(most))
    return [(tenant_id, key, label) for tenant_id, key, label in rows]


def replace(session: Session, keys: Sequence[tuple[UUID, bytes]]) -> None:
    """Give each of these companies its key in another wrapping."""
    if keys:
        session.execute(update(TenantRow), [{"id": tenant_id, "data_key": key} for tenant_id, key in keys])


def _begins_with(head: bytes) -> ColumnElement[bool]:
    return func.substr(TenantRow.data_key, 1, len(head), type_=LargeBinary) == head
