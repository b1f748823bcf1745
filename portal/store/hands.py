"""Knows the mails in somebody's hands as plain values: one or ten of them are read and written by one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, ColumnElement, Select, bindparam, case, insert, literal_column, select, update
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


Everyone = dict[MessageId, list[Recipient]]  # for whom mails are, in the order of the addresses


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
_of_recipient = attrgetter("id", *_MUTABLE)

# So many mails are asked for by one statement; what is not needed of that is asked for the last one again.
_COUNTS = (1, 10, 20)
MOST_TOGETHER = _COUNTS[-1]
_SOME = [f"mail{number}" for number in range(MOST_TOGETHER)]


def recipients_in(mails: Sequence[ColumnElement[UUID]] | Select[Any]) -> Select[Any]:
    """The statement that reads the recipients of some mails, by their ids; `by_mail` makes objects of its rows."""
    theirs = select(*_RECIPIENT_COLUMNS).where(_RECIPIENTS.c.message_id.in_(mails))
    return theirs.order_by(_RECIPIENTS.c.address)


def _of_so_many(count: int) -> Prepared:
    return Prepared(recipients_in([bindparam(name, type_=_RECIPIENTS.c.message_id.type) for name in _SOME[:count]]))


_RECIPIENTS_OF = {count: _of_so_many(count) for count in _COUNTS}
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
_NOTHING_FOUND = literal_column("'[]'", JSON)  # as JSON spells it: it need not be spelled for each of them
_BEGIN = insert(_ATTEMPTS).values(
    {each.name: bindparam(f"attempt_{each.name}") for each in _ATTEMPTS.c if each.name != "finished_at"}
    | {"code": Code.UNKNOWN.value, "findings": _NOTHING_FOUND}
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


def recipients_of(session: Session, mails: Sequence[UUID]) -> Everyone:
    """The recipients of these mails, by mail and address."""
    count = next(each for each in _COUNTS if each >= len(mails))
    asked = [*mails] + [mails[-1]] * (count - len(mails))
    return by_mail(_RECIPIENTS_OF[count].rows(session, dict(zip(_SOME[:count], asked, strict=True))))


def by_mail(rows: Iterable[Sequence[Any]]) -> Everyone:
    """What `recipients_in` has found; every mail has recipients."""
    found: Everyone = {}
    for row in rows:
        recipient = Recipient(*row)
        found.setdefault(MessageId(recipient.message_id), []).append(recipient)
    return found


def take(session: Session, attempts: Sequence[Begun], recipients: Sequence[Recipient]) -> None:
    """Write down that these attempts at mails, for these recipients, are under way."""
    begun: list[dict[str, Any]] = [
        {
            "attempt_id": each.attempt_id,
            "attempt_message_id": each.mail.id,
            "attempt_started_at": each.started_at,
            "attempt_config_id": each.mail.config_id,
            "attempt_config_version": each.mail.config_version,
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
    return [dict(zip(("recipient", *_MUTABLE), _of_recipient(each), strict=True)) for each in recipients]


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
