"""Knows how a waiting mail is delivered: claim, prepare, hand over behind the fence, settle."""

from dataclasses import dataclass
from uuid import UUID

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId, TenantId
from portal.mail.connection import DELIVERY
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.preparation import Job, Preparation
from portal.services.settlement import Settlement
from portal.services.transmission import Report, Transmission
from portal.store import mail_configs, outbox, shapes
from portal.store.db import SYSTEM, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class Delivering:
    clock: Clock
    passwords: Passwords
    preparation: Preparation
    transmission: Transmission
    settlement: Settlement

    def claim(self, owner: UUID, *, interactive_only: bool) -> MessageId | None:
        """Take the next due mail into the hands of `owner`, or None. Attempts are counted before the work is done."""
        with reading(SYSTEM) as session:
            if outbox.find_due(session, self.clock(), interactive_only=interactive_only) is None:
                return None
        with unit_of_work(SYSTEM) as session:
            now = self.clock()
            message = outbox.find_due(session, now, interactive_only=interactive_only)
            if message is None:
                return None
            message.owner = owner
            for recipient in outbox.recipients_of(session, MessageId(message.id)):
                if State(recipient.state) in DUE and recipient.next_at <= now:
                    outbox.move(recipient, State.LEASED)
                    recipient.attempts += 1
                    recipient.crash_count += 1
            return MessageId(message.id)

    def deliver(self, message_id: MessageId, owner: UUID) -> None:
        """Make one attempt at a claimed mail. No transaction is open while the network talks."""
        try:
            job = self.preparation.prepare(message_id, owner)
            if job is not None:
                self._settle(job, self._transmit(job))
        except Exception:
            self._abandon(message_id, owner)
            raise

    def wake(self) -> None:
        """Ask again for all that is held: what the operator set before this start may be what it waits for."""
        with unit_of_work(SYSTEM) as session:
            outbox.release_held(session, "", self.clock())

    def recover(self, *living: UUID) -> None:
        """Take up what is in the hands of none of the `living` owners: their process, or their last write, failed.

        Past the fence nobody knows: that is uncertain, not unsent.
        """
        with reading(SYSTEM) as session:
            if not outbox.orphans(session, living):
                return
        with unit_of_work(SYSTEM) as session:
            for message in outbox.orphans(session, living):
                for recipient in outbox.in_hand(outbox.recipients_of(session, MessageId(message.id))):
                    self.settlement.abandon(message, recipient)
                self.settlement.put_down(session, message)

    def sweep(self) -> None:
        """Ask again for mails that stayed uncertain long enough; end the waiting of those whose time is over."""
        with reading(SYSTEM) as session:
            now = self.clock()
            if not outbox.expired(session, now) and not outbox.to_repeat(session, now):
                return
        with unit_of_work(SYSTEM) as session:
            now = self.clock()
            for recipient in outbox.to_repeat(session, now):
                outbox.move(recipient, State.QUEUED)
            for recipient in outbox.expired(session, now):
                outbox.move(recipient, State.EXPIRED)
                recipient.settled_at = now
                self.settlement.put_down(session, outbox.get_row(session, MessageId(recipient.message_id)))

    def _transmit(self, job: Job) -> Report:
        return self.transmission.send(
            job.route,
            job.envelope,
            job.content,
            deadlines=DELIVERY,
            observe=job.findings.append,
            fence=lambda accepted: self._pass_fence(job, accepted),
        )

    def _abandon(self, message_id: MessageId, owner: UUID) -> None:
        """A bug ended the attempt: past the fence nobody knows; before it the mail waits, or is set apart."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, message_id)
            if message.owner == owner:
                for recipient in outbox.in_hand(outbox.recipients_of(session, message_id)):
                    self.settlement.abandon(message, recipient)
                self.settlement.put_down(session, message)

    def _pass_fence(self, job: Job, accepted: tuple[str, ...]) -> bool:
        """Commit the intent before the dot, unless the mail, its route or its tenant changed meanwhile."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, job.message_id)
            if message.owner != job.owner or not self.preparation.still_goes(session, message, job.route):
                return False
            own = self.passwords.of_tenant(session, TenantId(message.tenant_id))
            message.sealed_bytes = own.seal_content(job.content, job.message_id)
            for recipient in outbox.recipients_of(session, job.message_id):
                if recipient.address in accepted and recipient.state == State.SENDING.value:
                    outbox.move(recipient, State.COMMITTING)
        return True

    def _settle(self, job: Job, report: Report) -> None:
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, job.message_id)
            if message.owner != job.owner:
                return
            for recipient in outbox.in_hand(outbox.recipients_of(session, job.message_id)):
                code, reply = report.recipients.get(recipient.address, (report.code, report.reply))
                self.settlement.conclude(message, recipient, code, reply)
            attempt = session.get_one(outbox.AttemptRow, job.attempt_id)
            attempt.finished_at, attempt.code = self.clock(), report.code.value
            attempt.findings = shapes.of_findings(job.findings)
            if mail_configs.is_of_tenant(session, TenantId(message.tenant_id), job.route.config_id):
                message.notes = [*message.notes, *report.notes]
            if report.code is not Code.LET_GO:
                mail_configs.remember_result(session, job.route.config_id, job.route.version, report.code, self.clock())
            self.settlement.put_down(session, message)
