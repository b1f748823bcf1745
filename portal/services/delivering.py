"""Knows how a waiting mail is delivered: claim, prepare, hand over behind the fence, settle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, MessageId, TenantId
from portal.domain.outgoing import Lane
from portal.mail.connection import Envelope
from portal.services.health import HealthWatch
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.preparation import Job, Preparation
from portal.services.settlement import Settlement
from portal.services.transmission import Line, Parcel, Report, Transmission, key_of
from portal.services.turns import Turns
from portal.store import mail_configs, outbox, shapes, turns
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.store.journal import Answer

# So long may mails of one tenant follow each other over one connection before others come to their turn.
_LONGEST_RUN = 20
# So many connections one configuration is given at a time: a server that takes its time leaves senders for others,
# and mail to many leaves one of them for mail to one.
_CONNECTIONS, _BULK_CONNECTIONS = 2, 1
# So many companies with a busy server are passed over before somebody else may write.
_MOST_PASSED_OVER = 100


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
    turns: Turns

    def claim(self, owner: UUID, lanes: Sequence[Lane] = tuple(Lane)) -> MessageId | None:
        """Take the next due mail of the first of these lanes that has one into the hands of `owner`, or None.

        Companies take turns. Attempts are counted before the work is done.
        """
        waiting = [lane for lane in lanes if self._has_work(lane)]
        if not waiting:
            return None
        with unit_of_work(SYSTEM) as session:
            for lane in waiting:
                for _ in range(_MOST_PASSED_OVER):
                    message = self.turns.next(session, lane)
                    if message is None:
                        break
                    if self._takes(session, message, owner):
                        return MessageId(message.id)
                    self.turns.pass_over(message)
        return None

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
            self.settlement.take_up(session, outbox.orphans(session, living))

    def sweep(self) -> None:
        """Ask again for mails that stayed uncertain long enough; end the waiting of those whose time is over.

        Answers that no waiting mail can have been given are thrown away.
        """
        self.transmission.pool.sweep()
        self.settlement.journal.forget(self.clock())
        with reading(SYSTEM) as session:
            now = self.clock()
            if not outbox.expired(session, now) and not outbox.to_repeat(session, now):
                return
        with unit_of_work(SYSTEM) as session:
            now = self.clock()
            to_repeat = outbox.to_repeat(session, now)
            for recipient in to_repeat:
                outbox.move(recipient, State.QUEUED)
            outbox.reckon_all(session, to_repeat)
            for recipient in outbox.expired(session, now):
                outbox.move(recipient, State.EXPIRED)
                recipient.settled_at = now
                self.settlement.put_down(session, outbox.get_row(session, MessageId(recipient.message_id)))

    def _has_work(self, lane: Lane) -> bool:
        """Looked at without the write lock: most of the time there is nothing."""
        with reading(SYSTEM) as session:
            return turns.tenant_after(session, lane, None, self.clock()) is not None

    def _takes(self, session: Session, message: outbox.MessageRow, owner: UUID) -> bool:
        """Take a mail into one's hands, unless enough of them hold mail for the same server."""
        config_id = self._config_of(session, message)
        others = turns.owners_through(session, config_id, but=owner)
        if others >= (_BULK_CONNECTIONS if message.lane == Lane.BULK.value else _CONNECTIONS):
            return False
        message.owner, message.config_id, message.due_at = owner, config_id, None
        now = self.clock()
        for recipient in outbox.recipients_of(session, MessageId(message.id)):
            if State(recipient.state) in DUE and recipient.next_at <= now:
                outbox.move(recipient, State.LEASED)
                recipient.attempts += 1
                recipient.crash_count += 1
        return True

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

        message_id = self._claim_behind(job.message_id, run.owner)
        run.next = self._prepared(run, message_id) if message_id else None
        if run.next is None or key_of(run.next.route) != key_of(job.route):
            return None
        return run.next.envelope

    def _config_of(self, session: Session, message: outbox.MessageRow) -> ConfigId | None:
        """A bug that one mail meets here would stop all of them: it is met again, and counted, when it is prepared."""
        try:
            return self.preparation.config_of(session, message)
        except SQLAlchemyError:
            raise
        except Exception:  # noqa: BLE001 - see above
            return None

    def _claim_behind(self, message_id: MessageId, owner: UUID) -> MessageId | None:
        """Take the next mail of the same company and lane, or None."""

        def behind(session: Session) -> outbox.MessageRow | None:
            before = outbox.get_row(session, message_id)
            return turns.first_of(session, Lane(before.lane), TenantId(before.tenant_id), self.clock())

        with reading(SYSTEM) as session:
            if behind(session) is None:
                return None
        with unit_of_work(SYSTEM) as session:
            message = behind(session)
            return MessageId(message.id) if message and self._takes(session, message, owner) else None

    def _abandon(self, message_id: MessageId, owner: UUID) -> None:
        """A bug ended the attempt: past the fence nobody knows; before it the mail waits, or is set apart."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, message_id)
            if message.owner == owner:
                self.settlement.take_up(session, [message])

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
        job.past_fence = accepted
        return True

    def _settle(self, job: Job, report: Report) -> None:
        try:
            self._write_down(job, report)
        finally:  # a journal that cannot be written is an operator's trouble, not a reason to forget the answer
            self._conclude(job, report)

    def _write_down(self, job: Job, report: Report) -> None:
        """Keep what the server said to the dot, before the database is asked to: it may be gone by now."""
        if not job.past_fence:
            return
        code, reply = report.recipients[job.past_fence[0]]
        if code is not Code.UNKNOWN:
            now = self.clock()
            answer = Answer(job.attempt_id, job.message_id, job.queued_at, code, reply)
            self.settlement.journal.write(answer, now)

    def _conclude(self, job: Job, report: Report) -> None:
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
