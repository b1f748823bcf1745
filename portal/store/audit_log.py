"""Knows the audit rows: written once, never changed, and how they are searched."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, ScalarSelect, String, Text, and_, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.audit import BY_THE_ACCOUNT_ITSELF, EVENTS_OF, AuditQuery, Change, Entry, Sealed
from portal.domain.ids import TenantId
from portal.store.db import Model, UtcTime


class AuditRow(Model):
    """`sequence` counts the events of one company. The actor's name is kept as it was, because people leave.

    `fields` is JSON as it was written, because its hash is over that. Once an event has expired nothing is left of it
    but its place and its hash; the random id goes, too, so that nobody tries out what would have this hash.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_at", "at"),
        Index(
            "ix_audit_events_unchained",
            "tenant_id",
            sqlite_where=text("hash IS NULL"),
            postgresql_where=text("hash IS NULL"),
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID | None] = mapped_column(unique=True)
    at: Mapped[datetime | None] = mapped_column(UtcTime())
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str | None] = mapped_column(String(120))
    impersonator_id: Mapped[UUID | None]
    impersonator_name: Mapped[str | None] = mapped_column(String(120))
    event: Mapped[str | None] = mapped_column(String(60))
    subject_id: Mapped[UUID | None]
    subject_name: Mapped[str | None] = mapped_column(String(320))
    fields: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_name: Mapped[str | None] = mapped_column(String(32))
    seal: Mapped[bytes | None] = mapped_column(LargeBinary)


_Before = aliased(AuditRow)
Expired = ScalarSelect[int]


def written(change: Change | None) -> str:
    """The changed fields as they are kept."""
    return json.dumps({name: list(values) for name, values in (change or {}).items()}, ensure_ascii=False)


def page_of(
    session: Session, tenant_id: TenantId, query: AuditQuery, expired: Expired, *, before: int | None, limit: int
) -> list[Entry]:
    """The first entries that a query asks for; what has expired says nothing and is left out."""
    found = _matching(select(AuditRow), tenant_id, query, expired)
    if before is not None:
        found = found.where(AuditRow.sequence > before if query.is_reversed else AuditRow.sequence < before)
    rows = session.scalars(found.limit(limit))
    return [_as_domain(row) for row in rows]


def all_of(
    session: Session, tenant_id: TenantId, query: AuditQuery, expired: Expired, *, limit: int
) -> Iterator[Sealed]:
    """The same a few at a time, each with its hash and that of the one before it."""
    is_before = and_(_Before.tenant_id == AuditRow.tenant_id, _Before.sequence == AuditRow.sequence - 1)
    pairs = select(AuditRow, _Before.hash).outerjoin(_Before, is_before)
    found = _matching(pairs, tenant_id, query, expired).limit(limit).execution_options(yield_per=500)
    for row, previous in session.execute(found):
        yield Sealed(
            tenant_id=row.tenant_id,
            entry=_as_domain(row),
            id=row.id,
            actor_id=row.actor_id,
            impersonator_id=row.impersonator_id,
            subject_id=row.subject_id,
            written=row.fields or "",
            key_name=row.key_name,
            previous=previous,
            hash=row.hash,
        )


def _matching(rows: Any, tenant_id: TenantId, query: AuditQuery, expired: Expired) -> Any:
    # The number of the last one that expired is where a walk begins or ends, so that none goes through all of those.
    is_kept = AuditRow.at.is_not(None), AuditRow.sequence > func.coalesce(expired, 0)
    found = rows.where(AuditRow.tenant_id == tenant_id, *is_kept)
    found = found.order_by(AuditRow.sequence if query.is_reversed else AuditRow.sequence.desc())
    if query.group is not None:
        found = found.where(AuditRow.event.in_([event.value for event in EVENTS_OF[query.group]]))
    if query.since is not None:
        found = found.where(AuditRow.at >= query.since)
    if query.until is not None:
        found = found.where(AuditRow.at < query.until)
    for word in query.who.split():
        by_himself = AuditRow.event.in_([event.value for event in BY_THE_ACCOUNT_ITSELF])
        is_his = and_(AuditRow.actor_id.is_(None), by_himself, _holds(AuditRow.subject_name, word))
        found = found.where(or_(_holds(AuditRow.actor_name, word), _holds(AuditRow.impersonator_name, word), is_his))
    for word in query.words.split():
        found = found.where(or_(*(_holds(each, word) for each in (AuditRow.subject_name, AuditRow.fields))))
    return found


def _holds(column: Any, word: str) -> Any:
    return func.lower(column).contains(word.lower(), autoescape=True)


def _as_domain(row: AuditRow) -> Entry:
    if row.at is None:
        raise LookupError("an event that has expired")
    changed: Mapping[str, list[str]] = json.loads(row.fields or "{}")
    return Entry(
        number=row.sequence,
        at=row.at,
        actor_name=row.actor_name or "",
        impersonator_name=row.impersonator_name or "",
        event=row.event or "",
        subject_name=row.subject_name or "",
        fields={name: (before, after) for name, (before, after) in changed.items()},
    )
