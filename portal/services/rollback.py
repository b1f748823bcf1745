"""Knows when the database is an older copy of itself, and how its waiting mail is held until the operator decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId
from portal.services.places import Clock
from portal.store import figures, outbox, trials, waiting, work
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.store.figures import Counts
from portal.store.journal import Journal

_HeldMail = tuple[outbox.MessageRow, list[outbox.RecipientRow]]


@dataclass(frozen=True, slots=True)
class HeldQueue:
    """Mail that a restored database holds: how many recipients, since when the oldest of them waits, and how many of
    them got it according to the journal.
    """

    recipients: int
    oldest: datetime | None
    known_sent: int


@dataclass(frozen=True, slots=True)
class Rollback:
    """`log_days` is how long mails stand in the log: what is older may be missing for another reason."""

    clock: Clock
    journal: Journal
    log_days: int

    def is_behind(self) -> bool:
        """Whether a server answered to a mail of which this database knows nothing: then it is an older copy."""
        answer = self.journal.last()
        if answer is None or answer.queued_at < self.clock() - timedelta(days=self.log_days):
            return False
        with reading(SYSTEM) as session:
            return not outbox.knows_attempt(session, answer.attempt_id)

    def hold(self) -> None:
        """Hold everything that waits, and end tests that nobody waits for any more: it may have been sent since.

        Call it when nobody has mail in hand. What is queued afterwards is sent as ever.
        """
        now = self.clock()
        with unit_of_work(SYSTEM) as session:
            unsent = waiting.all_unsent(session)
            for recipient in unsent:
                may_have_arrived = recipient.state == State.UNCERTAIN.value or recipient.code == Code.UNKNOWN.value
                if recipient.state != State.HELD.value:
                    outbox.move(recipient, State.HELD)
                # Of what was uncertain before, a person decides as ever.
                recipient.code = Code.UNKNOWN.value if may_have_arrived else Code.RESTORED.value
            outbox.reckon_all(session, unsent)
            trials.give_up(session, now, asked_before=now + timedelta(days=1))
        self.journal.begin_anew(now)

    def held(self) -> HeldQueue:
        with reading(SYSTEM) as session:
            return self.told(session, figures.of_queue(session, self.clock()))

    def told(self, session: Session, counts: Counts) -> HeldQueue:
        """The same for whoever has counted already."""
        recipients, oldest = counts.restored
        return HeldQueue(recipients, oldest, known_sent=len(self._known_sent(session)) if recipients else 0)

    def release(self) -> HeldQueue:
        """Send what was held, but for what the journal knows to be sent. Returns what there was."""
        with unit_of_work(SYSTEM) as session:
            before, sent, now = self.held(), self._known_sent(session), self.clock()
            by_mail: dict[UUID, _HeldMail] = {}
            for recipient, message in waiting.held_after_restore(session):
                by_mail.setdefault(message.id, (message, []))[1].append(recipient)
            for message, recipients in by_mail.values():
                for recipient in recipients:
                    if message.id in sent:
                        outbox.move(recipient, State.SENT)
                        recipient.code, recipient.settled_at = Code.OK.value, now
                    else:
                        outbox.move(recipient, State.QUEUED)
                        recipient.next_at = now
                everyone = outbox.recipients_of(session, MessageId(message.id))
                outbox.reckon(message, everyone)
                outbox.erase_if_settled(message, everyone)
            work.announce(session)
            return before

    def _known_sent(self, session: Session) -> set[UUID]:
        """Mails that are held although the journal knows that a server took them.

        It names mails, not recipients: it only speaks for a mail that was for one of them alone.
        """
        for_one = waiting.held_for_one(session)
        return {answer.message_id for answer in self.journal.latest() if answer.code is Code.OK} & for_one
