"""Knows what becomes of each recipient after an attempt, a crash or a lapse of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.delivery import (
    MOST_CRASHES,
    MOST_UNCERTAIN,
    ORDINARY,
    Circumstances,
    OnUncertain,
    State,
    judge,
    spread,
)
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId
from portal.services.places import Clock
from portal.store import outbox, waiting
from portal.store.db import SYSTEM, unit_of_work
from portal.store.journal import Answer, Journal

_AFTER_A_CRASH = timedelta(seconds=10)
# Greylisting servers and slow queues answer within this time whether the first copy arrived.
_BEFORE_REPEAT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Settlement:
    clock: Clock
    journal: Journal

    def conclude(
        self,
        message: outbox.AnyMail,
        recipient: outbox.AnyRecipient,
        code: Code,
        reply: str = "",
        circumstances: Circumstances = ORDINARY,
    ) -> None:
        """Apply the verdict of the retry policy to one recipient."""
        now = self.clock()
        verdict = judge(code, attempts=max(1, recipient.attempts), reply=reply, circumstances=circumstances)
        if not verdict.costs_attempt:
            recipient.attempts = max(0, recipient.attempts - 1)
        recipient.crash_count = 0
        if verdict.state is State.UNCERTAIN:
            self.leave_uncertain(message, recipient, reply)
            return
        recipient.code, recipient.reply = code.value, reply
        outbox.move(recipient, verdict.state)
        recipient.next_at = now + spread(verdict.wait_for, _lot(recipient)) if verdict.wait_for else now
        if verdict.state in {State.SENT, State.FAILED}:
            recipient.settled_at = now

    def leave_uncertain(self, message: outbox.AnyMail, recipient: outbox.AnyRecipient, reply: str = "") -> None:
        """Flag what may have been delivered, before anything else happens to it; the flag stays for good."""
        recipient.code, recipient.reply = Code.UNKNOWN.value, reply
        recipient.uncertain_count += 1
        outbox.move(recipient, State.UNCERTAIN)
        recipient.next_at = self.clock() + _BEFORE_REPEAT
        if message.on_uncertain == OnUncertain.HOLD.value or recipient.uncertain_count >= MOST_UNCERTAIN:
            outbox.move(recipient, State.HELD)

    def take_up(self, session: Session, messages: Sequence[outbox.MessageRow]) -> None:
        """A crash or a bug ended these attempts. What the server answered stands, even if only the journal knows it.

        Without an answer, past the fence nobody knows; before it nothing was delivered.
        """
        attempts = {message.id: _unfinished(session, message) for message in messages}
        answers = self._answers([attempt for attempt in attempts.values() if attempt])
        for message in messages:
            attempt = attempts[message.id]
            answer = answers.get(attempt.id) if attempt else None
            if attempt and answer:
                attempt.finished_at, attempt.code = self.clock(), answer.code.value
            everyone = outbox.recipients_of(session, MessageId(message.id))
            for recipient in outbox.in_hand(everyone):
                if answer and recipient.state == State.COMMITTING.value:
                    self.conclude(message, recipient, answer.code, answer.reply)
                else:
                    self._abandon(message, recipient)
            self.put_down(message, everyone)

    def recall(self, session: Session) -> None:
        """What this machine's journal knows of mail that others left uncertain while the machine was away stands."""
        doubtful = waiting.in_doubt(session)
        latest = {attempt.message_id: attempt for attempt in waiting.attempts_in_doubt(session)}
        answers = self._answers(list(latest.values()))
        known = {MessageId(each.message_id): answers[each.id] for each in latest.values() if each.id in answers}
        for recipient, message in doubtful:
            if answer := known.get(MessageId(message.id)):
                self._resolve(recipient, answer)
        everyone = outbox.recipients_of_all(session, list(known))
        for message in {message.id: message for _recipient, message in doubtful if message.id in known}.values():
            self.put_down(message, everyone[MessageId(message.id)])

    def _resolve(self, recipient: outbox.RecipientRow, answer: Answer) -> None:
        """The mail arrived, or surely did not: then it is asked for again."""
        if recipient.state == State.UNCERTAIN.value:
            outbox.move(recipient, State.HELD)
        has_arrived = answer.code is Code.OK
        outbox.move(recipient, State.SENT if has_arrived else State.QUEUED)
        recipient.code, recipient.reply, recipient.next_at = answer.code.value, answer.reply, self.clock()
        recipient.settled_at = self.clock() if has_arrived else None

    def _answers(self, attempts: Sequence[outbox.AttemptRow]) -> dict[UUID, Answer]:
        if not attempts:
            return {}
        since = min(attempt.started_at for attempt in attempts)
        return self.journal.answers([attempt.id for attempt in attempts], since=since)

    def _abandon(self, message: outbox.MessageRow, recipient: outbox.RecipientRow) -> None:
        if recipient.state == State.COMMITTING.value:
            self.leave_uncertain(message, recipient)
            return
        recipient.code = Code.INTERNAL.value
        if recipient.state == State.SENDING.value:
            outbox.move(recipient, State.QUEUED)
            outbox.move(recipient, State.LEASED)
        is_poison = recipient.crash_count >= MOST_CRASHES
        outbox.move(recipient, State.QUARANTINED if is_poison else State.DEFERRED)
        recipient.next_at = self.clock() + _AFTER_A_CRASH

    def let_go(self, message: outbox.AnyMail, everyone: Sequence[outbox.AnyRecipient], code: Code) -> None:
        """Give a claimed mail back without an attempt, and say why."""
        for recipient in outbox.in_hand(everyone):
            self.conclude(message, recipient, code)
        self.put_down(message, everyone)

    def undo(self, message_id: MessageId, attempt_id: UUID, code: Code, notes: Sequence[str] = ()) -> None:
        """Give a claimed mail back that could not be written: there was no attempt, and here is why."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, message_id)
            attempt = session.get(outbox.AttemptRow, attempt_id)
            if attempt is None or attempt.finished_at is not None:
                return  # somebody else took it up meanwhile
            session.delete(attempt)
            message.notes = list(notes)
            self.let_go(message, outbox.recipients_of(session, message_id), code)

    def release(self, attempts: Sequence[tuple[MessageId, UUID]], owner: UUID) -> None:
        """Put mails back that somebody took and did not come to: there was no attempt, and nothing was delivered.

        Call it only where it is known that no dot was said.
        """
        with unit_of_work(SYSTEM) as session:
            for message_id, attempt_id in attempts:
                message = outbox.get_row(session, message_id)
                attempt = session.get(outbox.AttemptRow, attempt_id)
                if message.owner == owner and attempt is not None:
                    session.delete(attempt)
                    self.postpone(message, outbox.recipients_of(session, message_id), self.clock())

    def postpone(
        self, message: outbox.AnyMail, everyone: Sequence[outbox.AnyRecipient], until: datetime, code: Code = Code.OK
    ) -> None:
        """Give a claimed mail back because its turn comes later, and say why; that costs it no attempt."""
        for recipient in outbox.in_hand(everyone):
            outbox.move(recipient, State.QUEUED if code is Code.OK else State.DEFERRED)
            recipient.code = code.value
            recipient.attempts, recipient.crash_count = recipient.attempts - 1, recipient.crash_count - 1
            recipient.next_at = until
        self.put_down(message, everyone)

    @staticmethod
    def put_down(message: outbox.AnyMail, everyone: Sequence[outbox.AnyRecipient]) -> None:
        """Take the mail out of its owner's hands; erase what nobody needs any more."""
        message.owner = None
        outbox.reckon(message, everyone)
        outbox.erase_if_settled(message, everyone)


def _lot(recipient: outbox.AnyRecipient) -> float:
    """From 0 to 1, another one after each attempt."""
    return ((recipient.id.bytes[-1] + 97 * recipient.attempts) % 256) / 255


def _unfinished(session: Session, message: outbox.MessageRow) -> outbox.AttemptRow | None:
    """The attempt that is under way, if one is."""
    attempts = outbox.attempts_of(session, MessageId(message.id))
    return attempts[-1] if attempts and attempts[-1].finished_at is None else None
