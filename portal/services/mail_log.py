"""Knows what a tenant may see of its mail, and what it may still do about it: try again, or call it off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.delivery import CAN_BE_CANCELLED, CAN_BE_RETRIED, DUE, State
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import ConfigId, MessageId, TenantId, UserId
from portal.domain.mail_log import MOST_EXPORTED, PAGE, LogAttempt, LogChoices, LogLine, LogPage, LogQuery
from portal.domain.precedence import seen_from_below
from portal.domain.roles import Actor, Permission, granted_below
from portal.domain.tenancy import Tenant
from portal.services.audit import Audit, Subject
from portal.services.outbox import PATIENCE
from portal.services.places import Clock, enter
from portal.store import mail_configs, mail_log, outbox, shapes, users, work
from portal.store.db import reading, unit_of_work

EVERYTHING = LogQuery()
# What somebody sees of his own mail: looked for among that of his company, so not without end.
OWN_SINCE, OWN_MOST = timedelta(days=14), 8


@dataclass(frozen=True, slots=True)
class MailLog:
    clock: Clock
    audit: Audit

    def page(self, actor: Actor, tenant_id: TenantId, query: LogQuery = EVERYTHING) -> list[LogLine]:
        """A page of the log; one line more than PAGE says that there is another page.

        Raises NotFoundError for a configuration or a user that is not the tenant's.
        """
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_MAIL_LOG)
            sound = _ensure_sound(session, actor, tenant, query)
            return [_line(found) for found in mail_log.page_of(session, tenant, sound, limit=PAGE + 1)]

    def choices(self, actor: Actor, tenant_id: TenantId, query: LogQuery = EVERYTHING) -> LogChoices:
        """What may be asked for besides what a query asks for already."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_MAIL_LOG)
            found = mail_log.choices(session, tenant, below=query.below)
            return LogChoices(found.configs, _may_look_below(actor, found))

    def of_oneself(self, actor: Actor) -> list[LogLine]:
        """The actor's own mails of the last days, newest first, a handful at most: his own business in any role."""
        since = self.clock() - OWN_SINCE
        query = LogQuery(user_id=actor.user_id, since=since)
        with reading(actor.tenant.id) as session:
            return [_line(found) for found in mail_log.page_of(session, actor.tenant, query, limit=OWN_MOST)]

    def export(self, actor: Actor, tenant_id: TenantId, query: LogQuery) -> Iterator[LogLine]:
        """Every line that a query asks for, up to 50,000; that somebody took them is noted. Raises NotFoundError."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.EXPORT_MAIL_LOG)
            sound = _ensure_sound(session, actor, tenant, replace(query, after=None))
            subject = Subject(tenant.id, tenant.name)
            self.audit.record(session, Event.MAIL_LOG_EXPORTED, tenant_id=tenant.id, subject=subject, actor=actor)
        with reading(actor.tenant.id) as session:
            for found in mail_log.all_of(session, tenant, sound, limit=MOST_EXPORTED):
                yield _line(found)

    def show(self, actor: Actor, tenant_id: TenantId, message_id: MessageId) -> LogPage:
        """One mail of the tenant. Raises NotFoundError."""
        with reading(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.VIEW_MAIL_LOG)
            message = _mail_of(session, tenant, message_id)
            own = mail_configs.names_of(session, tenant.id)
            is_own = _is_among(own, message.config_id)
            recipients = outbox.recipients_of(session, message_id)
            return LogPage(
                user_id=UserId(message.user_id) if message.user_id else None,
                lines=tuple(log_line(message, each, tenant.name, is_own=is_own) for each in recipients),
                trace=seen_from_below(shapes.trace_from(message.trace)),
                notes=tuple(message.notes),
                # Each try by itself: the one before may have gone through what was inherited then.
                attempts=tuple(
                    _attempt(each, is_own=_is_among(own, each.config_id))
                    for each in outbox.attempts_of(session, message_id)
                ),
                route_name=own[ConfigId(message.config_id)] if is_own and message.config_id else "",
                is_own_route=is_own,
                has_content=message.content is not None,
            )

    def retry(self, actor: Actor, tenant_id: TenantId, message_id: MessageId) -> None:
        """Ask for a mail again, at everybody who has not got it; its time begins anew.

        Raises NotFoundError, and InvalidError where nothing of it is left to be sent, it carries a link, or the
        operator holds it.
        """
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.RESEND_MAIL)
            message = _mail_of(session, tenant, message_id)
            page = self.show(actor, tenant_id, message_id)
            if not page.can_be_retried or message.owner is not None:
                raise InvalidError([Problem("mail", "cannot-be-retried")])
            now = self.clock()
            message.expires_at = now + PATIENCE
            everyone = outbox.recipients_of(session, message_id)
            for recipient in everyone:
                if State(recipient.state) in CAN_BE_RETRIED:
                    if State(recipient.state) is not State.DEFERRED:
                        outbox.move(recipient, State.QUEUED)
                    recipient.next_at, recipient.settled_at, recipient.crash_count = now, None, 0
            outbox.reckon(message, everyone)
            work.announce(session)
            self._record(session, actor, Event.MAIL_RETRIED, message)

    def cancel(self, actor: Actor, tenant_id: TenantId, message_id: MessageId) -> None:
        """Call off a mail at everybody for whom it waits. Raises NotFoundError, InvalidError where it is too late."""
        with unit_of_work(actor.tenant.id) as session:
            tenant = enter(session, actor, tenant_id, Permission.RESEND_MAIL)
            message = _mail_of(session, tenant, message_id)
            everyone = outbox.recipients_of(session, message_id)
            unsent = [each for each in everyone if State(each.state) in CAN_BE_CANCELLED]
            if not unsent or message.owner is not None:
                raise InvalidError([Problem("mail", "cannot-be-cancelled")])
            for recipient in unsent:
                outbox.move(recipient, State.CANCELLED)
                recipient.settled_at = self.clock()
            self._record(session, actor, Event.MAIL_CANCELLED, message)
            outbox.reckon(message, everyone)
            outbox.erase_if_settled(message, everyone)

    def _record(self, session: Session, actor: Actor, event: Event, message: outbox.MessageRow) -> None:
        subject = Subject(message.id, message.subject)
        self.audit.record(session, event, tenant_id=TenantId(message.tenant_id), subject=subject, actor=actor)


def _ensure_sound(session: Session, actor: Actor, tenant: Tenant, query: LogQuery) -> LogQuery:
    """What belongs to others is not asked about, and those below only by whoever may look there."""
    if query.config_id is not None:
        mail_configs.get_row(session, tenant.id, query.config_id)
    if query.user_id is not None:
        users.get_of_tenant(session, tenant.id, query.user_id)
    return replace(query, below=query.below and _may_look_below(actor, mail_log.choices(session, tenant, below=True)))


def _may_look_below(actor: Actor, found: mail_log.Choices) -> bool:
    return found.has_companies and Permission.VIEW_MAIL_LOG in granted_below(actor)


def _is_among(own: Mapping[ConfigId, str], config_id: UUID | None) -> bool:
    return config_id is not None and ConfigId(config_id) in own


def _mail_of(session: Session, tenant: Tenant, message_id: MessageId) -> outbox.MessageRow:
    message = outbox.get_row(session, message_id)
    if message.tenant_id != tenant.id:
        raise NotFoundError
    return message


def log_line(message: outbox.MessageRow, recipient: outbox.RecipientRow, tenant_name: str, *, is_own: bool) -> LogLine:
    """One recipient of a mail, as the log shows it."""
    state = State(recipient.state)
    return LogLine(
        tenant_id=TenantId(message.tenant_id),
        tenant_name=tenant_name,
        message_id=MessageId(message.id),
        user_id=UserId(message.user_id) if message.user_id else None,
        purpose=message.purpose,
        subject=message.subject,
        recipient=recipient.address,
        recipient_id=recipient.id,
        state=state,
        code=Code(recipient.code),
        created_at=message.created_at,
        settled_at=recipient.settled_at,
        next_at=recipient.next_at if state in DUE else None,
        is_own_route=is_own,
    )


def _line(found: mail_log.Found) -> LogLine:
    message, recipient, tenant_name, is_own = found
    return log_line(message, recipient, tenant_name, is_own=is_own)


def _attempt(row: outbox.AttemptRow, *, is_own: bool) -> LogAttempt:
    findings = shapes.findings_from(row.findings) if is_own else ()
    return LogAttempt(row.started_at, Code(row.code), findings)
