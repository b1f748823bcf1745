"""Knows the mails in somebody's hands as plain values: one or ten of them are read and written by one statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, bindparam, case, insert, select, update
from sqlalchemy.orm import Session

from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId
from portal.store.db import at_once, table_of
from portal.store.outbox import AttemptRow, MessageRow, RecipientRow


@dataclass(slots=True)
class Mail:
    """What delivery has to know of a mail; the names are those of its columns. It is changed here, then written."""

    id: UUID
    tenant_id: UUID
    user_id: UUID | None
    purpose: str
    lane: str
    named_config_id: UUID | None
    about_config_id: UUID | None
    message_id: str
    content: bytes | None
    sealed_bytes: bytes | None
    on_uncertain: str
    created_at: datetime
    trace: Sequence[Mapping[str, Any]]
    config_id: UUID | None
    config_version: int | None
    notes: Sequence[str]
    owner: UUID | None
    due_at: datetime | None


@dataclass(slots=True)
class Recipient:
    """The same for one of those whom it is for."""

    id: UUID
    message_id: UUID
    address: str
    name: str
    state: str
    attempts: int
    crash_count: int
    uncertain_count: int
    next_at: datetime
    code: str
    reply: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended."""

    attempt_id: UUID
    code: Code
    findings: Sequence[Mapping[str, Any]]


_MAILS, _RECIPIENTS, _ATTEMPTS = table_of(MessageRow), table_of(RecipientRow), table_of(AttemptRow)
MAIL_COLUMNS = tuple(_MAILS.c[each.name] for each in fields(Mail))
_RECIPIENT_COLUMNS = tuple(_RECIPIENTS.c[each.name] for each in fields(Recipient))
_MUTABLE = ("state", "attempts", "crash_count", "uncertain_count", "next_at", "code", "reply", "settled_at")

_RECIPIENTS_OF = (
    select(*_RECIPIENT_COLUMNS)
    .where(_RECIPIENTS.c.message_id.in_(bindparam("mails", expanding=True)))
    .order_by(_RECIPIENTS.c.address)
)
_STILL_IN = (
    select(_MAILS.c.id)
    .where(_MAILS.c.id.in_(bindparam("mails", expanding=True)), _MAILS.c.owner == bindparam("owner_now"))
    .with_for_update(key_share=True)
)
# What was erased meanwhile stays erased.
_WRITE_MAIL = (
    update(_MAILS)
    .where(_MAILS.c.id == bindparam("mail"))
    .values({name: bindparam(name) for name in ("owner", "due_at", "trace", "notes", "config_id", "config_version")})
    .values(
        content=case((bindparam("keeps_content", type_=Boolean()), _MAILS.c.content), else_=None),
        sealed_bytes=case((bindparam("keeps_bytes", type_=Boolean()), _MAILS.c.sealed_bytes), else_=None),
    )
)
_WRITE_RECIPIENT = (
    update(_RECIPIENTS)
    .where(_RECIPIENTS.c.id == bindparam("recipient"))
    .values({name: bindparam(name) for name in _MUTABLE})
)
_KEEP_BYTES = update(_MAILS).where(_MAILS.c.id == bindparam("mail")).values(sealed_bytes=bindparam("sealed"))
_BEGIN = insert(_ATTEMPTS)
_FINISH = (
    update(_ATTEMPTS)
    .where(_ATTEMPTS.c.id == bindparam("attempt"))
    .values(finished_at=bindparam("now"), code=bindparam("ended_with"), findings=bindparam("found"))
)


def mail_from(row: Row[Any]) -> Mail:
    """A mail from a row of its MAIL_COLUMNS."""
    return Mail(*_values_of(row))


def _values_of(row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row)


def recipients_of(session: Session, mails: Sequence[UUID]) -> dict[MessageId, list[Recipient]]:
    """The recipients of these mails, by mail and address."""
    found: dict[MessageId, list[Recipient]] = {MessageId(mail): [] for mail in mails}
    for row in at_once(session, _RECIPIENTS_OF, {"mails": mails}):
        recipient = Recipient(*_values_of(row))
        found[MessageId(recipient.message_id)].append(recipient)
    return found


def still_in(session: Session, mails: Sequence[UUID], owner: UUID) -> frozenset[UUID]:
    """Those of these mails that are in the hands of `owner`; nobody takes them away before the transaction ends."""
    return frozenset(at_once(session, _STILL_IN, {"mails": mails, "owner_now": owner}).scalars())


def begin(session: Session, attempts: Sequence[Mapping[str, object]]) -> None:
    """Note that these attempts are under way, column by column."""
    at_once(session, _BEGIN, attempts)


def finish(session: Session, attempts: Iterable[Ended], now: datetime) -> None:
    """Note how these attempts ended."""
    values = [
        {"attempt": each.attempt_id, "now": now, "ended_with": each.code.value, "found": each.findings}
        for each in attempts
    ]
    if values:
        at_once(session, _FINISH, values)


def keep_bytes(session: Session, sealed: Mapping[MessageId, bytes]) -> None:
    """Keep the exact bytes of these mails, sealed, until it is known what became of them."""
    at_once(session, _KEEP_BYTES, [{"mail": mail, "sealed": content} for mail, content in sealed.items()])


def write(session: Session, mails: Collection[Mail], recipients: Collection[Recipient]) -> None:
    """Write down what was changed at these mails and recipients."""
    if mails:
        at_once(session, _WRITE_MAIL, [_columns_of(mail) for mail in mails])
    if recipients:
        at_once(
            session,
            _WRITE_RECIPIENT,
            [{"recipient": each.id} | {name: getattr(each, name) for name in _MUTABLE} for each in recipients],
        )


def _columns_of(mail: Mail) -> dict[str, object]:
    return {
        "mail": mail.id,
        "owner": mail.owner,
        "due_at": mail.due_at,
        "trace": mail.trace,
        "notes": mail.notes,
        "config_id": mail.config_id,
        "config_version": mail.config_version,
        "keeps_content": mail.content is not None,
        "keeps_bytes": mail.sealed_bytes is not None,
    }
