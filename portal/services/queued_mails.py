"""Knows the mails that wait, of all companies, and what the operator does with one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.delivery import CAN_BE_CANCELLED, State
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError, Problem
from portal.domain.ids import MessageId, TenantId
from portal.domain.outgoing import Lane
from portal.domain.queue import CAN_BE_HELD, PAGE, QueueLine, QueueQuery, QueueStep
from portal.domain.roles import Actor, ensure_operator
from portal.services.audit import Audit, Subject
from portal.services.mail_log import MailLog, log_line
from portal.services.places import Clock
from portal.store import outbox, queue, work
from portal.store.db import SYSTEM, reading, unit_of_work

_Mail = tuple[outbox.MessageRow, Sequence[outbox.RecipientRow]]


@dataclass(frozen=True, slots=True)
class QueuedMails:
    """For the operator alone: everything here raises NotFoundError for everybody else."""

    clock: Clock
    audit: Audit
    mail_log: MailLog

    def page(self, actor: Actor, query: QueueQuery) -> list[QueueLine]:
        """A page of the mails that wait, recipient by recipient; one more than PAGE says that there is another page."""
        ensure_operator(actor)
        with reading(SYSTEM) as session:  # the operator looks after everybody's mail
            return [
                QueueLine(
                    mail=log_line(message, recipient, name, is_own=True),
                    lane=Lane(message.lane),
                    has_content=has_content,
                    is_in_hand=message.owner is not None,
                )
                for message, recipient, name, has_content in queue.page_of(session, query, limit=PAGE + 1)
            ]

    def take(self, actor: Actor, message_id: MessageId, step: QueueStep) -> bool:
        """Hold, release, retry or call off a mail; False where that had been done before.

        Raises NotFoundError for a mail that there is not, and InvalidError where it is too late.
        """
        ensure_operator(actor)
        with unit_of_work(SYSTEM) as session:  # the operator looks after everybody's mail
            message = outbox.get_row(session, message_id)
            mail = message, outbox.recipients_of(session, message_id)
            if _is_done(mail, step):
                return False
            match step:
                case QueueStep.HOLD:
                    self._hold(session, actor, mail)
                case QueueStep.RELEASE:
                    self._release(session, actor, mail)
                case QueueStep.RETRY:
                    self.mail_log.retry(actor, TenantId(message.tenant_id), message_id)
                case QueueStep.CANCEL:
                    self.mail_log.cancel(actor, TenantId(message.tenant_id), message_id)
            return True

    def _hold(self, session: Session, actor: Actor, mail: _Mail) -> None:
        """What may have arrived keeps saying so: its release makes a second copy, perhaps."""
        message, everyone = mail
        waiting = [each for each in everyone if State(each.state) in CAN_BE_HELD]
        if not waiting or message.owner is not None:
            raise InvalidError([Problem("mail", "cannot-be-held")])
        for recipient in waiting:
            if State(recipient.state) is not State.UNCERTAIN:
                recipient.code = Code.HELD_BACK.value
            outbox.move(recipient, State.HELD)
        self._conclude(session, actor, Event.MAIL_HELD, mail)

    def _release(self, session: Session, actor: Actor, mail: _Mail) -> None:
        message, everyone = mail
        held = [each for each in everyone if State(each.state) is State.HELD]
        if not held or message.owner is not None:
            raise InvalidError([Problem("mail", "cannot-be-released")])
        for recipient in held:
            outbox.move(recipient, State.QUEUED)
            recipient.next_at = self.clock()
            if recipient.code == Code.HELD_BACK.value:
                recipient.code = Code.OK.value
        self._conclude(session, actor, Event.MAIL_RELEASED, mail)
        work.announce(session)

    def _conclude(self, session: Session, actor: Actor, event: Event, mail: _Mail) -> None:
        message, everyone = mail
        outbox.reckon(message, everyone)
        subject = Subject(message.id, message.subject)
        self.audit.record(session, event, tenant_id=TenantId(message.tenant_id), subject=subject, actor=actor)


def _is_done(mail: _Mail, step: QueueStep) -> bool:
    """Whether a second click finds what the first one did."""
    message, everyone = mail
    states = {State(each.state) for each in everyone}
    match step:
        case QueueStep.HOLD:
            return State.HELD in states and not states & CAN_BE_HELD
        case QueueStep.RELEASE | QueueStep.RETRY:
            is_under_way = message.owner is not None or State.QUEUED in states
            return is_under_way and not states & {State.HELD, State.DEFERRED, State.QUARANTINED}
        case QueueStep.CANCEL:
            return State.CANCELLED in states and not states & CAN_BE_CANCELLED
