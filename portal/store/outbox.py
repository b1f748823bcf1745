"""Knows the mails that wait, travel and have travelled, recipient by recipient."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, bindparam, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.delivery import CAN_BE_RETRIED, DUE, IN_HAND, NEEDS_CONTENT, UNSETTLED, State, ensure_allowed
from portal.domain.diagnosis import Code
from portal.domain.errors import NotFoundError
from portal.domain.ids import ConfigId, MessageId, TenantId
from portal.domain.outgoing import CARRIES_LINK
from portal.store.db import Base, Model, UtcTime, table_of
from portal.store.prepared import Prepared


class MessageRow(Model):
    """One mail. `content` is sealed and erased once every recipient is settled.

    `sealed_bytes` are the exact bytes that passed the fence. `owner` is the one piece of work that has it in hand.
    `about_config_id` is a configuration that the mail reports on, so that it must not go through it.
    `due_at` is when the first of its recipients is due; None while it is in hand, or nobody waits for it.
    """

    __tablename__ = "messages"
    __table_args__ = (
        # With the id a day's mails are counted, and their recipients found, without reading the mails.
        Index("ix_messages_tenant_created", "tenant_id", "created_at", "id"),
        Index("ix_messages_created", "created_at"),
        Index(
            "ix_messages_due",
            "lane",
            "tenant_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_messages_owner",
            "owner",
            sqlite_where=text("owner IS NOT NULL"),
            postgresql_where=text("owner IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id", ondelete="RESTRICT"))
    user_id: Mapped[UUID | None]
    requested_by: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str] = mapped_column(String(20))
    named_config_id: Mapped[UUID | None]
    about_config_id: Mapped[UUID | None]
    message_id: Mapped[str] = mapped_column(String(320), unique=True)
    subject: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None]
    sealed_bytes: Mapped[bytes | None]
    on_uncertain: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcTime())
    expires_at: Mapped[datetime] = mapped_column(UtcTime(), index=True)
    trace: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSON)
    config_id: Mapped[UUID | None]
    config_version: Mapped[int | None]
    notes: Mapped[Sequence[str]] = mapped_column(JSON)
    owner: Mapped[UUID | None]
    due_at: Mapped[datetime | None] = mapped_column(UtcTime())


class RecipientRow(Model):
    """One address of one mail, with a life of its own. `next_at` is when it is due.

    `uncertain_count` says how often nobody could tell whether the mail arrived there.
    """

    __tablename__ = "recipients"
    __table_args__ = (UniqueConstraint("message_id", "address"), Index("ix_recipients_due", "state", "next_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    crash_count: Mapped[int]
    uncertain_count: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcTime())
    code: Mapped[str] = mapped_column(String(40))
    reply: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime())


class AttemptRow(Model):
    """One try at one mail: through which configuration, how far it came, and what was learnt at each step."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("ix_attempts_config_started", "config_id", "started_at"),
        Index("ix_attempts_finished", "finished_at", "code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime())
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime())
    config_id: Mapped[UUID | None]
    config_version: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(40))
    findings: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSON)


class AnyMail(Protocol):
    """A mail as its row, or as a plain value (`store/hands.py`)."""

    purpose: str
    content: bytes | None
    sealed_bytes: bytes | None
    on_uncertain: str
    owner: UUID | None
    due_at: datetime | None


class AnyRecipient(Protocol):
    """The same for a recipient."""

    id: UUID
    state: str
    attempts: int
    crash_count: int
    uncertain_count: int
    next_at: datetime
    code: str
    reply: str
    settled_at: datetime | None


R = TypeVar("R", bound=AnyRecipient)
Columns = Mapping[str, object]


def _adding(model: type[Base], *, empty: Collection[str]) -> Prepared:
    """A new row, in which these columns are empty."""
    table = table_of(model)
    return Prepared(
        insert(table).values({each.name: bindparam(each.name) for each in table.c if each.name not in empty})
    )


_ADD_MAIL = _adding(MessageRow, empty={"sealed_bytes", "config_id", "config_version", "owner"})
_ADD_RECIPIENT = _adding(RecipientRow, empty={"settled_at"})


def add(session: Session, mails: Sequence[Columns], recipients: Sequence[Columns]) -> None:
    """Write new mails and their recipients down, column by column; what only delivery fills in is empty."""
    _ADD_MAIL.tell(session, mails)
    _ADD_RECIPIENT.tell(session, recipients)


def get_row(session: Session, message_id: MessageId) -> MessageRow:
    """Raises NotFoundError."""
    row = session.get(MessageRow, message_id)
    if row is None:
        raise NotFoundError
    return row


def recipients_of(session: Session, message_id: MessageId) -> list[RecipientRow]:
    return list(
        session.scalars(
            select(RecipientRow).where(RecipientRow.message_id == message_id).order_by(RecipientRow.address)
        )
    )


def recipients_of_all(session: Session, message_ids: Sequence[MessageId]) -> dict[MessageId, list[RecipientRow]]:
    """The recipients of several mails, by mail and address."""
    found: dict[MessageId, list[RecipientRow]] = {}
    query = select(RecipientRow).where(RecipientRow.message_id.in_(message_ids)).order_by(RecipientRow.address)
    for row in session.scalars(query) if message_ids else ():
        found.setdefault(MessageId(row.message_id), []).append(row)
    return found


def attempts_of(session: Session, message_id: MessageId) -> list[AttemptRow]:
    return list(
        session.scalars(select(AttemptRow).where(AttemptRow.message_id == message_id).order_by(AttemptRow.started_at))
    )


def finish(
    session: Session, attempt_id: UUID, now: datetime, code: Code, findings: Sequence[Mapping[str, Any]]
) -> None:
    """Note how an attempt ended."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt_id)
        .values(finished_at=now, code=code.value, findings=findings)
        .execution_options(synchronize_session=False)
    )


def knows_attempt(session: Session, attempt_id: UUID) -> bool:
    return session.get(AttemptRow, attempt_id) is not None


def begun_between(
    session: Session, config_id: ConfigId, since: datetime, now: datetime, *, most: int
) -> list[datetime]:
    """When the latest attempts through a configuration began, newest first, at most so many.

    What a clock that was turned back since dates into the future does not count.
    """
    begun = AttemptRow.config_id == config_id, AttemptRow.started_at > since, AttemptRow.started_at <= now
    query = select(AttemptRow.started_at).where(*begun).order_by(AttemptRow.started_at.desc())
    return list(session.scalars(query.limit(most)))


def move(recipient: AnyRecipient, state: State) -> None:
    """The one way to change a recipient's state. Raises IllegalStepError for a step no rule allows."""
    ensure_allowed(State(recipient.state), state)
    recipient.state = state.value


def reckon(message: AnyMail, everyone: Sequence[AnyRecipient]) -> None:
    """Note when a mail is due, after anything changed at its recipients or at whose hands it is in."""
    waiting = [each.next_at for each in everyone if each.state in DUE]
    message.due_at = min(waiting, default=None) if message.owner is None else None


def reckon_all(session: Session, recipients: Iterable[RecipientRow]) -> None:
    """The same, for every mail to which one of these recipients belongs."""
    for message_id in {MessageId(each.message_id) for each in recipients}:
        reckon(get_row(session, message_id), recipients_of(session, message_id))


def owners(session: Session, *, but: Collection[UUID]) -> list[UUID]:
    """Whoever has mail in hand, but these."""
    held = MessageRow.owner.is_not(None), MessageRow.owner.not_in(but)
    return [owner for owner in session.scalars(select(MessageRow.owner).where(*held).distinct()) if owner]


def in_hands(session: Session, *, but: Collection[UUID]) -> list[MessageRow]:
    """Mails in anybody's hands but these."""
    held = MessageRow.owner.is_not(None)
    return list(session.scalars(select(MessageRow).where(held, MessageRow.owner.not_in(but))))


def end_all_of(session: Session, tenant_id: TenantId, now: datetime) -> None:
    """Erase the content of a tenant's unsettled mail and end its time: what is in hand or uncertain expires."""
    session.execute(
        update(MessageRow)
        .where(MessageRow.tenant_id == tenant_id, MessageRow.content.is_not(None))
        .values(content=None, sealed_bytes=None, expires_at=now, due_at=None)
        .execution_options(synchronize_session=False)
    )


def in_hand(recipients: Sequence[R]) -> list[R]:
    return [recipient for recipient in recipients if recipient.state in IN_HAND]


def erase_if_settled(message: AnyMail, everyone: Sequence[AnyRecipient]) -> None:
    """Erase what nobody needs any more of a mail: its exact bytes, and its content.

    Of what failed the content stays for another try, except where it carries a link that works once.
    """
    states = {recipient.state for recipient in everyone}
    if not any(_is_flagged(recipient) for recipient in everyone):
        message.sealed_bytes = None
    may_be_retried = message.purpose not in CARRIES_LINK and bool(states & CAN_BE_RETRIED)
    if not (states & NEEDS_CONTENT or may_be_retried):
        message.content = None


def _is_flagged(recipient: AnyRecipient) -> bool:
    """Who was once uncertain gets exactly the bytes of then, however often the mail waits in between."""
    return recipient.uncertain_count > 0 and recipient.state in (*UNSETTLED, *CAN_BE_RETRIED)
