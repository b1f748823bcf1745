"""Knows the mails in somebody's hands as plain values: one or ten of them are read and written by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Select, bindparam, case, insert, select, update
from sqlalchemy.orm import Session

from portal.domain.delivery import State, ensure_allowed
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId
from portal.store.db import table_of
from portal.store.outbox import AttemptRow, MessageRow, RecipientRow
from portal.store.prepared import Prepared, Together


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
class Begun:
    """An attempt that is under way, through what is noted at its mail."""

    attempt_id: UUID
    mail: Mail
    started_at: datetime


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

# So many mails at most are asked for by one statement; what is not needed of that is asked for the last one again.
MOST_TOGETHER = 10
_SOME = [f"mail{number}" for number in range(MOST_TOGETHER)]


def _of_mails(statement: Select[*tuple[Any, ...]], column: Column[Any]) -> dict[int, Prepared]:
    """For one mail, as most of them are, and for ten."""
    return {
        count: Prepared(statement.where(column.in_([bindparam(name, type_=column.type) for name in _SOME[:count]])))
        for count in (1, MOST_TOGETHER)
    }


_RECIPIENTS_OF = _of_mails(select(*_RECIPIENT_COLUMNS).order_by(_RECIPIENTS.c.address), _RECIPIENTS.c.message_id)
_STILL_IN = _of_mails(
    select(_MAILS.c.id).where(_MAILS.c.owner == bindparam("owner_now")).with_for_update(key_share=True), _MAILS.c.id
)
# What was erased meanwhile stays erased.
_LEFT_OF_IT = {
    "content": case((bindparam("keeps_content", type_=Boolean()), _MAILS.c.content), else_=None),
    "sealed_bytes": case((bindparam("keeps_bytes", type_=Boolean()), _MAILS.c.sealed_bytes), else_=None),
}
_MAIL = update(_MAILS).where(_MAILS.c.id == bindparam("mail"))
_OWN_MAIL = _MAIL.where(_MAILS.c.owner == bindparam("owner_now"))
_RECIPIENT = (
    update(_RECIPIENTS)
    .where(_RECIPIENTS.c.id == bindparam("recipient"))
    .values({name: bindparam(name) for name in _MUTABLE})
)
_BEGIN = insert(_ATTEMPTS).values(
    {each.name: bindparam(f"attempt_{each.name}") for each in _ATTEMPTS.c if each.name != "finished_at"}
)
_FINISH = (
    update(_ATTEMPTS)
    .where(_ATTEMPTS.c.id == bindparam("attempt"))
    .values(finished_at=bindparam("now"), code=bindparam("ended_with"), findings=bindparam("found"))
)
_COMMIT_TO = (
    update(_RECIPIENTS)
    .where(_RECIPIENTS.c.message_id == bindparam("of_mail"), _RECIPIENTS.c.address == bindparam("to"))
    .where(_RECIPIENTS.c.state == bindparam("before"))
    .values(state=bindparam("after"))
)
_DECIDED: dict[str, Any] = {
    name: bindparam(name) for name in ("owner", "due_at", "trace", "config_id", "config_version")
}
_TAKE = Together(_MAIL.values(_DECIDED), _RECIPIENT, _BEGIN)
_PASS = Together(_OWN_MAIL.values(sealed_bytes=bindparam("sealed")), _COMMIT_TO)
_SETTLE = Together(
    _OWN_MAIL.values({name: bindparam(name) for name in ("owner", "due_at", "notes")} | _LEFT_OF_IT),
    _RECIPIENT,
    _FINISH,
)
_PUT_BACK = Together(_MAIL.values({**_DECIDED, **_LEFT_OF_IT, "notes": bindparam("notes")}), _RECIPIENT)


def recipients_of(session: Session, mails: Sequence[UUID]) -> dict[MessageId, list[Recipient]]:
    """The recipients of these mails, by mail and address."""
    found: dict[MessageId, list[Recipient]] = {MessageId(mail): [] for mail in mails}
    for row in _rows_of(session, _RECIPIENTS_OF, mails):
        recipient = Recipient(*row)
        found[MessageId(recipient.message_id)].append(recipient)
    return found


def still_in(session: Session, mails: Sequence[UUID], owner: UUID) -> frozenset[UUID]:
    """Those of these mails that are in the hands of `owner`; nobody takes them away before the transaction ends."""
    return frozenset(mail for (mail,) in _rows_of(session, _STILL_IN, mails, owner_now=owner))


def _rows_of(
    session: Session, statements: Mapping[int, Prepared], mails: Sequence[UUID], **values: object
) -> list[tuple[Any, ...]]:
    if len(mails) == 1:
        return statements[1].rows(session, {_SOME[0]: mails[0], **values})
    filled = [*mails] + [mails[-1]] * (MOST_TOGETHER - len(mails))
    return statements[MOST_TOGETHER].rows(session, dict(zip(_SOME, filled, strict=True)) | values)


def take(session: Session, attempts: Sequence[Begun], recipients: Sequence[Recipient]) -> None:
    """Write down that these attempts at mails, for these recipients, are under way."""
    begun: list[dict[str, Any]] = [
        {
            "attempt_id": each.attempt_id,
            "attempt_message_id": each.mail.id,
            "attempt_started_at": each.started_at,
            "attempt_config_id": each.mail.config_id,
            "attempt_config_version": each.mail.config_version,
            "attempt_code": Code.UNKNOWN.value,
            "attempt_findings": [],
        }
        for each in attempts
    ]
    _TAKE.tell(session, [_columns_of(each.mail) for each in attempts], _all_of(recipients), begun)


def let_pass(
    session: Session, sealed: Mapping[MessageId, bytes], recipients: Sequence[tuple[MessageId, str]], owner: UUID
) -> None:
    """Note that the dot for these recipients, each a mail and an address, is about to be said.

    The exact bytes of their mails are kept, sealed, until it is known what became of them. Nobody takes these mails
    away before the transaction ends. TakenAwayError is raised by the commit at the latest.
    """
    ensure_allowed(State.SENDING, State.COMMITTING)
    kept = [{"mail": mail, "sealed": content, "owner_now": owner} for mail, content in sealed.items()]
    step = {"before": State.SENDING.value, "after": State.COMMITTING.value}
    _PASS.ensure(session, kept, [{"of_mail": mail, "to": address, **step} for mail, address in recipients])


def settle(
    session: Session,
    mails: Sequence[Mail],
    recipients: Sequence[Recipient],
    attempts: Sequence[Ended],
    *,
    owner: UUID,
    now: datetime,
) -> None:
    """Write down how attempts at mails in the hands of `owner` ended.

    TakenAwayError is raised by the commit at the latest.
    """
    ended = [
        {"attempt": each.attempt_id, "now": now, "ended_with": each.code.value, "found": each.findings}
        for each in attempts
    ]
    columns = [{**_columns_of(mail), "owner_now": owner} for mail in mails]
    _SETTLE.ensure(session, columns, _all_of(recipients), ended)


def put_back(session: Session, mail: Mail, recipients: Sequence[Recipient]) -> None:
    """Write down what was changed at a mail that was not taken in hand after all."""
    _PUT_BACK.tell(session, [_columns_of(mail)], _all_of(recipients))


def _all_of(recipients: Sequence[Recipient]) -> list[dict[str, object]]:
    return [{"recipient": each.id} | {name: getattr(each, name) for name in _MUTABLE} for each in recipients]


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
