"""Knows how a waiting mail is delivered: claim, prepare, hand over behind the fence, settle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId, TenantId
from portal.mail.connection import Envelope
from portal.services.health import HealthWatch
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.preparation import Job, Preparation
from portal.services.settlement import Settlement
from portal.services.transmission import Line, Parcel, Report, Transmission, key_of
from portal.store import mail_configs, outbox, shapes
from portal.store.db import SYSTEM, reading, unit_of_work

# So long may mails of one tenant follow each other over one connection before others come to their turn.
_LONGEST_RUN = 20


@dataclass(slots=True)
class _Run:
    """Mails of one tenant, one after the other, in the hands of one owner; `next` is prepared ahead of its turn."""

    owner: UUID
    goes_on: Callable[[], bool]
    line: Line = field(default_factory=Line)
    left: int = _LONGEST_RUN - 1
    next: Job | None = None
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Delivering:
    clock: Clock
    passwords: Passwords
    preparation: Preparation
    transmission: Transmission
    settlement: Settlement
    health: HealthWatch

    def claim(self, owner: UUID, *, interactive_only: bool) -> MessageId | None:
        """Take the next due mail into the hands of `owner`, or None. Attempts are counted before the work is done."""

        def find(session: Session) -> outbox.MessageRow | None:
            return outbox.find_due(session, self.clock(), interactive_only=interactive_only)

        return self._claim(owner, find)

    def deliver(self, message_id: MessageId, owner: UUID, *, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Make one attempt at a claimed mail, and at those of the same tenant and lane that are due behind it.

        Such a run shares a connection, and a mail's envelope travels along with the end of the mail before it. It
        ends after some mails, so that others come to their turn, and as soon as `goes_on` says no. No transaction is
        open while the network talks.
        """
        run = _Run(owner, goes_on)
        try:
            job = self._prepared(run, message_id)
            while job is not None:
                run.next = None
                self._attempt(run, job)
                job = run.next
        finally:
            self.transmission.rest(run.line)
        if run.failure is not None:
            raise run.failure

    def rest(self) -> None:
        """Say goodbye on every connection that waits for more mail."""
        self.transmission.pool.close()

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
        self.transmission.pool.sweep()
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

    def _claim(self, owner: UUID, find: Callable[[Session], outbox.MessageRow | None]) -> MessageId | None:
        with reading(SYSTEM) as session:
            if find(session) is None:
                return None
        with unit_of_work(SYSTEM) as session:
            message = find(session)
            if message is None:
                return None
            message.owner = owner
            now = self.clock()
            for recipient in outbox.recipients_of(session, MessageId(message.id)):
                if State(recipient.state) in DUE and recipient.next_at <= now:
                    outbox.move(recipient, State.LEASED)
                    recipient.attempts += 1
                    recipient.crash_count += 1
            return MessageId(message.id)

    def _prepared(self, run: _Run, message_id: MessageId) -> Job | None:
        try:
            return self.preparation.prepare(message_id, run.owner)
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            self._abandon(message_id, run.owner)
            run.failure = error
            return None

    def _attempt(self, run: _Run, job: Job) -> None:
        """A bug in one mail is remembered until the run is over: it does not touch the others."""
        try:
            self._settle(job, self._transmit(job, run))
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            self._abandon(job.message_id, run.owner)
            run.failure = error

    def _transmit(self, job: Job, run: _Run | None = None) -> Report:
        run = run or _Run(job.owner, lambda: False)
        return self.transmission.carry(
            job.route,
            Parcel(job.envelope, job.written),
            line=run.line,
            observe=job.findings.append,
            fence=lambda accepted: self._pass_fence(job, accepted),
            following=lambda: self._following(run, job),
        )

    def _following(self, run: _Run, job: Job) -> Envelope | None:
        """Claim and prepare the next mail of the run; its envelope, if it takes the same route."""
        if run.left == 0 or not run.goes_on():
            return None
        run.left -= 1

        def find(session: Session) -> outbox.MessageRow | None:
            return outbox.find_due(session, self.clock(), behind=outbox.get_row(session, job.message_id))

        message_id = self._claim(run.owner, find)
        run.next = self._prepared(run, message_id) if message_id else None
        if run.next is None or key_of(run.next.route) != key_of(job.route):
            return None
        return run.next.envelope

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
            message.sealed_bytes = own.seal_content(job.written.content, job.message_id)
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
                self.health.learn(session, job.route.config_id, job.route.version, report.code)
            self.settlement.put_down(session, message)
