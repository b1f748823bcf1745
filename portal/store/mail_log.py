"""Knows how the log of a company's mail is searched, page by page, and how it forgets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, defer

from portal.domain.delivery import UNSETTLED, State
from portal.domain.ids import ConfigId
from portal.domain.mail_log import STATES_OF, Cursor, LogGroup, LogQuery
from portal.domain.tenancy import Tenant, subtree_of
from portal.store.db import at_once, once
from portal.store.mail_configs import MailConfigRow
from portal.store.outbox import MessageRow, RecipientRow
from portal.store.tenants import CLOSED, TenantRow

Found = tuple[MessageRow, RecipientRow, str, bool]
_Lines = Select[MessageRow, RecipientRow, str, bool]
_Ids = Select[UUID, UUID]


def page_of(session: Session, tenant: Tenant, query: LogQuery, *, limit: int) -> list[Found]:
    """The first lines that a query asks for: mail, recipient, company, and whether its own way was taken."""
    rows = session.execute(_asked(session, tenant, query, limit=limit))
    return [(message, recipient, name, bool(is_own)) for message, recipient, name, is_own in rows]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the tenant's configurations are called, by name, and whether there is any company directly below it.

    `is_small` says that the tenant and those below it are few, and that they have few mails; it is counted where they
    are asked for, and not for the provider, below whom everybody is.
    """

    configs: dict[ConfigId, str]
    has_companies: bool
    is_small: bool


def choices(session: Session, tenant: Tenant, *, below: bool) -> Choices:
    """By one statement; `below` says that those below are asked for."""
    return once(session, ("log choices", tenant.id, below), lambda: _choices(session, tenant, below=below))


def _choices(session: Session, tenant: Tenant, *, below: bool) -> Choices:
    first, last = subtree_of(tenant.path)
    is_counted = below and not tenant.is_root
    values = {"tenant_id": tenant.id, **({"first": first, "last": last} if is_counted else {})}
    rows: Any = at_once(session, _CHOICES_BELOW if is_counted else _CHOICES, values).all()
    return Choices(
        configs={ConfigId(row.id): row.name for row in rows if row.id},
        has_companies=any(row.has_companies for row in rows),
        is_small=is_counted and all(max(row.companies, row.mails) <= _FEW for row in rows),
    )


# Up to so many companies are asked for their mails one by one; in a branch that is larger, or has more mails than that,
# the newest ones are soon found by going back in time.
_FEW = 2000
# Later than whatever is in a log: SQLite goes by an index of times where it is told an end.
_LATEST = datetime.max.replace(tzinfo=UTC)
_Child = aliased(TenantRow)
_CHOICES = (
    select(
        exists().where(_Child.parent_id == TenantRow.id, _Child.status != CLOSED).label("has_companies"),
        MailConfigRow.id,
        MailConfigRow.name,
    )
    .select_from(TenantRow)
    .outerjoin(MailConfigRow, MailConfigRow.tenant_id == TenantRow.id)
    .where(TenantRow.id == bindparam("tenant_id"))
    .order_by(MailConfigRow.name_key)
)
_BRANCH = select(_Child.id).where(_Child.path.between(bindparam("first"), bindparam("last"))).limit(_FEW + 1).subquery()
_MAILS = select(MessageRow.id).where(MessageRow.tenant_id.in_(select(_BRANCH.c.id))).limit(_FEW + 1).subquery()
_CHOICES_BELOW = _CHOICES.add_columns(
    *(
        select(func.count()).select_from(counted).scalar_subquery().label(name)
        for name, counted in (("companies", _BRANCH), ("mails", _MAILS))
    )
)


def all_of(session: Session, tenant: Tenant, query: LogQuery, *, limit: int) -> Iterator[Found]:
    """The same, a few at a time."""
    rows = session.execute(_asked(session, tenant, query, limit=limit).execution_options(yield_per=500))
    for message, recipient, name, is_own in rows:
        yield message, recipient, name, bool(is_own)


def forget(session: Session, *, created_before: datetime, most: int) -> int:
    """Throw away mails that are settled at everybody and older than that, so many at once; how many there were."""
    open_ones = select(RecipientRow.message_id).where(RecipientRow.state.in_([state.value for state in UNSETTLED]))
    old = select(MessageRow.id).where(MessageRow.created_at <= created_before, MessageRow.id.not_in(open_ones))
    ids = list(session.scalars(old.limit(most)))
    session.execute(delete(MessageRow).where(MessageRow.id.in_(ids)).execution_options(synchronize_session=False))
    return len(ids)


def forget_content(session: Session, *, settled_before: datetime) -> None:
    """Erase the content of what failed and was not asked for again."""
    kept = [*UNSETTLED, State.QUARANTINED]
    wanted = select(RecipientRow.message_id).where(
        or_(RecipientRow.state.in_([state.value for state in kept]), RecipientRow.settled_at > settled_before)
    )
    session.execute(
        update(MessageRow)
        .where(MessageRow.content.is_not(None), MessageRow.owner.is_(None), MessageRow.id.not_in(wanted))
        .values(content=None, sealed_bytes=None)
        .execution_options(synchronize_session=False)
    )


def _asked(session: Session, tenant: Tenant, query: LogQuery, *, limit: int) -> _Lines:
    """In the order in which they are shown. Which ones they are is found first, so that time alone can lead there;
    what is told of them is read of these few.
    """
    by_time = query.below and not choices(session, tenant, below=True).is_small
    ids = select(MessageRow.id.label("mail_id"), RecipientRow.id.label("recipient_id"))
    ids = ids.join(RecipientRow, RecipientRow.message_id == MessageRow.id)
    ids = _matching(ids, query, by_time=by_time).where(*_within(tenant, query, by_time=by_time))
    in_order = _TIMES if query.is_reversed else [each.desc() for each in _TIMES]
    found = ids.order_by(*in_order).limit(limit).subquery("found")
    return (
        select(MessageRow, RecipientRow, TenantRow.name, MailConfigRow.id.is_not(None))
        .select_from(found)
        .join(MessageRow, MessageRow.id == found.c.mail_id)
        .join(RecipientRow, RecipientRow.id == found.c.recipient_id)
        .join(TenantRow, TenantRow.id == MessageRow.tenant_id)
        .outerjoin(MailConfigRow, _IS_OWN)
        .order_by(*in_order)
        .options(defer(MessageRow.content), defer(MessageRow.sealed_bytes))
    )


_TIMES = MessageRow.created_at, RecipientRow.id
_IS_OWN = and_(MailConfigRow.id == MessageRow.config_id, MailConfigRow.tenant_id == MessageRow.tenant_id)


def _within(tenant: Tenant, query: LogQuery, *, by_time: bool) -> Iterator[ColumnElement[bool]]:
    if not query.below:
        yield MessageRow.tenant_id == tenant.id
    elif not by_time:
        yield MessageRow.tenant_id.in_(select(TenantRow.id).where(TenantRow.path.between(*subtree_of(tenant.path))))
    else:
        yield MessageRow.created_at <= _LATEST
        if not tenant.is_root:
            path = select(TenantRow.path).where(TenantRow.id == MessageRow.tenant_id).scalar_subquery()
            yield func.substr(path, 1, len(tenant.path)) == tenant.path


def _matching(lines: _Ids, query: LogQuery, *, by_time: bool) -> _Ids:
    found = lines
    if query.group is not None:
        # What was sent is most of a log, and what is in a state anywhere is much for few companies: no index of states
        # is of any use there, and none is used behind a function.
        by_state = by_time and query.group is not LogGroup.SENT
        state = RecipientRow.state if by_state else func.lower(RecipientRow.state)
        found = found.where(state.in_([state.value for state in STATES_OF[query.group]]))
    equals = (
        (MessageRow.config_id, query.config_id),
        (MessageRow.user_id, query.user_id),
        (MessageRow.purpose, query.purpose.value if query.purpose else None),
    )
    found = found.where(*(column == value for column, value in equals if value is not None))
    if query.since is not None:
        found = found.where(MessageRow.created_at >= query.since)
    if query.until is not None:
        found = found.where(MessageRow.created_at < query.until)
    for word in query.words.split():
        texts = (RecipientRow.address, MessageRow.subject)
        found = found.where(or_(*(func.lower(each).contains(word.lower(), autoescape=True) for each in texts)))
    if query.after is not None:
        found = found.where(behind(query.after, rises=query.is_reversed))
    return found


def behind(cursor: Cursor, *, rises: bool) -> ColumnElement[bool]:
    """What follows on a line; the first half is what an index of times can go to at once."""
    at, id_ = MessageRow.created_at, RecipientRow.id
    if rises:
        return and_(at >= cursor.at, or_(at > cursor.at, id_ > cursor.recipient_id))
    return and_(at <= cursor.at, or_(at < cursor.at, id_ < cursor.recipient_id))
