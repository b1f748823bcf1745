"""Knows how a company's events hang together: the head of its chain, and the rows exactly as they are stored."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    ScalarSelect,
    String,
    Text,
    cast,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import NullType

from portal.domain.audit_chain import Head, Part, id_part, text_part, time_part
from portal.domain.ids import TenantId
from portal.store.audit_log import AuditRow
from portal.store.db import Model
from portal.store.tenants import TenantRow

_IDS = ("id", "actor_id", "impersonator_id", "subject_id")
_CONTENT = (
    "id", "at", "actor_id", "actor_name", "impersonator_id", "impersonator_name", "event", "subject_id", "subject_name",
    "fields",
)  # fmt: skip
_AT_ONCE = 500


class HeadRow(Model):
    """See `Head`; `key_name` names the key of the seal over all of it."""

    __tablename__ = "audit_heads"
    __table_args__ = (Index("ix_audit_heads_key_name", "key_name"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    adopted: Mapped[int]
    expired: Mapped[int]
    fold: Mapped[bytes] = mapped_column(LargeBinary)
    key_name: Mapped[str] = mapped_column(String(32))
    seal: Mapped[bytes] = mapped_column(LargeBinary)


class Stored(NamedTuple):
    """A row as its bytes stand in the database: only these show whether a bit of them was turned."""

    tenant_id: bytes
    sequence: Any
    hash: bytes | None
    key_name: bytes | None
    seal: bytes | None
    content: tuple[Part, ...]

    @property
    def at(self) -> bytes | None:
        """As `time_part` writes it."""
        return self.content[1]

    @property
    def event(self) -> bytes | None:
        return self.content[6]

    @property
    def is_empty(self) -> bool:
        return self.key_name is None and self.seal is None and not any(part is not None for part in self.content)


class StoredHead(NamedTuple):
    tenant_id: bytes
    name: str
    head: Head
    key_name: str
    seal: bytes


def find_head(session: Session, tenant_id: TenantId) -> HeadRow | None:
    return session.get(HeadRow, tenant_id)


def last_expired(tenant_id: TenantId) -> ScalarSelect[int]:
    """The number of the last event of a company that has expired, as a part of a statement: all before it have, too."""
    return select(HeadRow.expired).where(HeadRow.tenant_id == tenant_id).scalar_subquery()


def put_head(session: Session, tenant_id: TenantId, head: Head, key_name: str, seal: bytes) -> None:
    row = session.get(HeadRow, tenant_id)
    if row is None:
        row = HeadRow(tenant_id=tenant_id)
        session.add(row)
    row.sequence, row.hash, row.adopted = head.sequence, head.hash, head.adopted
    row.expired, row.fold, row.key_name, row.seal = head.expired, head.fold, key_name, seal
    session.flush()


def as_domain(row: HeadRow) -> Head:
    return Head(row.sequence, row.hash, row.adopted, row.expired, row.fold)


def content_of(row: AuditRow) -> tuple[Part, ...]:
    """What a new row will say, as its bytes will stand in the database."""
    at = time_part(row.at) if row.at else None
    return (
        *(id_part(row.id), at, id_part(row.actor_id), text_part(row.actor_name)),
        *(id_part(row.impersonator_id), text_part(row.impersonator_name), text_part(row.event)),
        *(id_part(row.subject_id), text_part(row.subject_name), text_part(row.fields)),
    )


def unchained(session: Session, *, most: int) -> list[TenantId]:
    """Companies with events from before there was a chain."""
    found = select(AuditRow.tenant_id).where(AuditRow.hash.is_(None)).distinct().limit(most)
    return [TenantId(each) for each in session.scalars(found)]


def adopt(session: Session, tenant_id: TenantId, number: int, *, digest: bytes, key_name: str, seal: bytes) -> None:
    """Give an event from before the chain its hash."""
    session.execute(
        update(AuditRow)
        .where(AuditRow.tenant_id == tenant_id, AuditRow.sequence == number)
        .values(hash=digest, key_name=key_name, seal=seal)
        .execution_options(synchronize_session=False)
    )


def expiring(session: Session, *, before: datetime, most: int) -> list[TenantId]:
    """Companies with events from before that moment."""
    found = select(AuditRow.tenant_id).where(AuditRow.at < before).distinct().limit(most)
    return [TenantId(each) for each in session.scalars(found)]


def empty(session: Session, tenant_id: TenantId, *, after: int, until: int) -> None:
    """Leave of these events nothing but their hashes."""
    session.execute(
        update(AuditRow)
        .where(AuditRow.tenant_id == tenant_id, AuditRow.sequence > after, AuditRow.sequence <= until)
        .values(dict.fromkeys((*_CONTENT, "key_name", "seal")))
        .execution_options(synchronize_session=False)
    )


def sealed_otherwise(session: Session, key_name: str, *, most: int) -> list[TenantId]:
    """Companies whose head was sealed with any other key."""
    is_other = or_(HeadRow.key_name < key_name, HeadRow.key_name > key_name)  # which an index answers, unlike <>
    return [TenantId(each) for each in session.scalars(select(HeadRow.tenant_id).where(is_other).limit(most))]


def heads(session: Session, tenant_id: TenantId | None) -> Iterator[StoredHead]:
    """Every head, or one company's, in the order of their ids."""
    own, key_name = (_bytes_of(session, name, HeadRow) for name in ("tenant_id", "key_name"))
    plain = [HeadRow.sequence, HeadRow.hash, HeadRow.adopted, HeadRow.expired, HeadRow.fold, HeadRow.seal]
    found = select(own, TenantRow.name, key_name, *plain).outerjoin(TenantRow, TenantRow.id == HeadRow.tenant_id)
    if tenant_id is not None:
        found = found.where(HeadRow.tenant_id == tenant_id)
    rows = session.execute(found.order_by(HeadRow.tenant_id).execution_options(yield_per=_AT_ONCE))
    for key, name, sealed_with, *parts, seal in rows:
        yield StoredHead(key, name or "", Head(*parts), sealed_with.decode("utf-8", "replace"), seal)


def stored(session: Session, tenant_id: TenantId | None) -> Iterator[Stored]:
    """Every event, or one company's, company by company, the oldest first; a few at a time, to be read to the end."""
    found = _rows(session) if tenant_id is None else _rows(session).where(AuditRow.tenant_id == tenant_id)
    return map(_as_stored, session.execute(found.execution_options(yield_per=_AT_ONCE)))


def following(session: Session, tenant_id: TenantId, number: int, *, most: int) -> list[Stored]:
    """The events of a company behind the one with this number."""
    found = _rows(session).where(AuditRow.tenant_id == tenant_id, AuditRow.sequence > number).limit(most)
    return [_as_stored(row) for row in session.execute(found)]


def _rows(session: Session) -> Any:
    own = [_bytes_of(session, name) for name in ("tenant_id", "key_name")]
    number, digest, seal = (type_coerce(each, NullType()) for each in (AuditRow.sequence, AuditRow.hash, AuditRow.seal))
    content = [_bytes_of(session, name) for name in _CONTENT]
    return select(own[0], number, digest, own[1], seal, *content).order_by(AuditRow.tenant_id, AuditRow.sequence)


def _as_stored(row: Any) -> Stored:
    return Stored(row[0], row[1], row[2], row[3], row[4], tuple(row[5:]))


def _bytes_of(session: Session, name: str, table: Any = AuditRow) -> Any:
    """What stands in a column, as `id_part`, `time_part` and `text_part` write it.

    On SQLite that is what is stored, byte by byte: other spellings of the same id or moment do not pass for it.
    """
    column = getattr(table, name)
    if session.get_bind().dialect.name == "sqlite":
        return type_coerce(cast(column, LargeBinary), NullType())
    if name in _IDS or name == "tenant_id":
        column = func.replace(cast(column, Text), "-", "")
    elif name == "at":
        column = func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
    return func.convert_to(column, "UTF8", type_=NullType())
