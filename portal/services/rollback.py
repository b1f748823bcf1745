"""Knows when the database is an older copy of itself, and how its waiting mail is held until the operator decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId
from portal.services.places import Clock
from portal.store import outbox, trials, waiting, work
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.store.journal import Journal


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
            rows = waiting.held_after_restore(session)
            sent = self._sent_since(session, rows)
            return HeldQueue(len(rows), min((row.next_at for row in rows), default=None), len(sent))

    def release(self) -> HeldQueue:
        """Send what was held, but for what the journal knows to be sent. Returns what there was."""
        with unit_of_work(SYSTEM) as session:
            before, now = self.held(), self.clock()
            rows = waiting.held_after_restore(session)
            sent = self._sent_since(session, rows)
            for row in rows:
                if row in sent:
                    outbox.move(row, State.SENT)
                    row.code, row.settled_at = Code.OK.value, now
                else:
                    outbox.move(row, State.QUEUED)
                    row.next_at = now
            outbox.reckon_all(session, rows)
            work.announce(session)
            return before

    def _sent_since(self, session: Session, rows: list[outbox.RecipientRow]) -> list[outbox.RecipientRow]:
        """The journal names mails, not recipients: it only speaks for a mail that waits for one of them alone."""
        sent = {answer.message_id for answer in self.journal.latest() if answer.code is Code.OK}
        by_mail = outbox.recipients_of_all(session, [MessageId(row.message_id) for row in rows])
        return [row for row in rows if row.message_id in sent and len(by_mail[MessageId(row.message_id)]) == 1]
