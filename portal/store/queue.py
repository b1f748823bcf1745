"""Knows the queue as a whole: the mails that wait in it, what waits for which configuration, what left when."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, defer

from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, TenantId
from portal.domain.pace import Pace
from portal.domain.queue import BACKLOG_STATES, Backlog, Carrier, QueueQuery, open_states
from portal.store.db import UtcTime, at_once
from portal.store.mail_configs import MailConfigRow
from portal.store.mail_log import behind
from portal.store.outbox import AttemptRow, MessageRow, RecipientRow
from portal.store.tenants import TenantRow

_FACTS = (
    MailConfigRow.name,
    MailConfigRow.tenant_id,
    TenantRow.name.label("tenant_name"),
    MailConfigRow.paused_until,
    MailConfigRow.last_code,
    MailConfigRow.last_at,
    MailConfigRow.per_minute,
    MailConfigRow.slowed_to,
)
Found = tuple[MessageRow, RecipientRow, str, bool]


def page_of(session: Session, query: QueueQuery, *, limit: int) -> list[Found]:
    """The first recipients that wait, with mail and company, and whether the mail still has its content."""
    lines = (
        select(MessageRow, RecipientRow, TenantRow.name, MessageRow.content.is_not(None))
        .join(RecipientRow, RecipientRow.message_id == MessageRow.id)
        .join(TenantRow, TenantRow.id == MessageRow.tenant_id)
        .where(RecipientRow.state.in_([state.value for state in open_states(query.state)]))
        .options(defer(MessageRow.content), defer(MessageRow.sealed_bytes))
    )
    if query.lane is not None:
        lines = lines.where(MessageRow.lane == query.lane.value)
    if query.after is not None:
        lines = lines.where(behind(query.after, rises=not query.is_reversed))
    by = MessageRow.created_at, RecipientRow.id
    rows = session.execute(lines.order_by(*(each.desc() if query.is_reversed else each for each in by)).limit(limit))
    return [(message, recipient, name, bool(has_content)) for message, recipient, name, has_content in rows]


def backlogs(session: Session, now: datetime, *, limit: int) -> list[Backlog]:
    """What waits for each configuration: first the paused ones, then by how long the oldest mail waits.

    Of the instance default it is told how the latest attempt through it ended.
    """
    waiting, last = _by_carrier().subquery(), _last_through_default().subquery()
    is_free = case((MailConfigRow.paused_until > now, 0), else_=1)
    query: Select[Any] = (
        select(*waiting.c, *_FACTS, last.c.code.label("default_code"), last.c.finished_at.label("default_at"))
        .select_from(waiting)
        .outerjoin(MailConfigRow, MailConfigRow.id == waiting.c.config_id)
        .outerjoin(TenantRow, TenantRow.id == MailConfigRow.tenant_id)
        .outerjoin(last, and_(waiting.c.config_id.is_(None), waiting.c.is_decided))
        .order_by(is_free, waiting.c.oldest, waiting.c.config_id)
    )
    return [_backlog(row, now) for row in session.execute(query.limit(limit))]


def attempts_between(session: Session, edges: Sequence[datetime]) -> list[tuple[int, Code, int]]:
    """How many attempts ended between each edge and the next, by their outcome: (part, code, number)."""
    values = {f"edge_{number}": edge for number, edge in enumerate(edges)}
    rows: Any = at_once(session, _ended_in(len(edges) - 1), values)
    return [(int(part), Code(code), number) for part, code, number in rows]


@cache
def _ended_in(parts: int) -> CompoundSelect[Any]:
    """There are two spans, and so two of these; to put one together takes longer than to ask it."""
    edges = [bindparam(f"edge_{number}", type_=UtcTime()) for number in range(parts + 1)]
    return union_all(
        *(
            select(literal_column(str(part), Integer), AttemptRow.code, func.count())
            .where(AttemptRow.finished_at >= since, AttemptRow.finished_at < until)
            .group_by(AttemptRow.code)
            for part, (since, until) in enumerate(pairwise(edges))
        )
    )


def _by_carrier() -> Select[Any]:
    """The waiting recipients by configuration, and where there is none by whether that was decided."""
    was_tried = exists(select(AttemptRow.id).where(AttemptRow.message_id == MessageRow.id))
    each = (
        select(
            MessageRow.config_id.label("config_id"),
            case((MessageRow.config_id.is_not(None), true()), else_=was_tried).label("is_decided"),
            MessageRow.created_at.label("created_at"),
        )
        .join(RecipientRow, RecipientRow.message_id == MessageRow.id)
        .where(RecipientRow.state.in_([state.value for state in BACKLOG_STATES]))
        .subquery()
    )
    sums = func.count().label("recipients"), func.min(each.c.created_at).label("oldest")
    return select(each.c.config_id, each.c.is_decided, *sums).group_by(each.c.config_id, each.c.is_decided)


def _last_through_default() -> Select[str, datetime | None]:
    ended = AttemptRow.config_id.is_(None), AttemptRow.finished_at.is_not(None)
    latest = select(AttemptRow.code, AttemptRow.finished_at).where(*ended)
    return latest.order_by(AttemptRow.started_at.desc()).limit(1)


def _backlog(row: Row[Any], now: datetime) -> Backlog:
    last_code, last_at = row.last_code or row.default_code, row.last_at or row.default_at
    is_paused = row.paused_until is not None and row.paused_until > now
    return Backlog(
        carrier=_carrier(row.config_id, is_decided=bool(row.is_decided)),
        config_id=ConfigId(row.config_id) if row.config_id else None,
        name=row.name or "",
        tenant_id=TenantId(row.tenant_id) if row.tenant_id else None,
        tenant_name=row.tenant_name or "",
        recipients=row.recipients,
        oldest=row.oldest,
        paused_until=row.paused_until if is_paused else None,
        last_code=Code(last_code) if last_code else None,
        last_at=last_at,
        slowed_to=None if row.slowed_to is None else Pace(row.slowed_to).limit(row.per_minute),
    )


def _carrier(config_id: object, *, is_decided: bool) -> Carrier:
    if config_id is not None:
        return Carrier.CONFIG
    return Carrier.INSTANCE_DEFAULT if is_decided else Carrier.UNDECIDED
