"""Knows how a waiting mail is delivered: claim, prepare, hand over behind the fence, settle."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.delivery import Circumstances, State
from portal.domain.diagnosis import Code
from portal.domain.ids import MessageId
from portal.domain.outgoing import Lane
from portal.domain.owners import is_of
from portal.mail.connection import Envelope
from portal.services.claiming import Claim, Claiming
from portal.services.health import HealthWatch
from portal.services.places import Clock
from portal.services.preparation import Job, Preparation
from portal.services.rollback import Rollback
from portal.services.settlement import Settlement
from portal.services.transmission import Line, Parcel, Report, Transmission, key_of
from portal.store import outbox, presence, shapes, turns, waiting
from portal.store.db import SYSTEM, beside_others, reading, unit_of_work
from portal.store.journal import Answer
from portal.telemetry.logs import Stopwatch, tell_attempt
from portal.telemetry.tracing import about

# So long may mails of one tenant follow each other over one connection before others come to their turn.
_LONGEST_RUN = 20


@dataclass(slots=True)
class _Run:
    """Mails of one tenant, one after the other; `next` is prepared ahead of its turn."""

    goes_on: Callable[[], bool]
    line: Line = field(default_factory=Line)
    left: int = _LONGEST_RUN - 1
    next: Job | None = None
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Delivering:
    clock: Clock
    claiming: Claiming
    preparation: Preparation
    transmission: Transmission
    settlement: Settlement
    health: HealthWatch
    rollback: Rollback

    def claim(self, owner: UUID, lanes: Sequence[Lane] = tuple(Lane)) -> Claim | None:
        """Take the next due mail of the first of these lanes that has one into the hands of `owner`, or None.

        Attempts are counted before the work is done.
        """
        return self.claiming.next(owner, lanes)

    def lanes_due(self) -> list[Lane]:
        """The lanes in which a mail is due."""
        return [lane for lane in Lane if self.claiming.has_work(lane)]

    def deliver(self, claim: Claim, *, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Make one attempt at a claimed mail, and at those of the same tenant and lane that are due behind it.

        Such a run shares a connection, and a mail's envelope travels along with the end of the mail before it. It
        ends after some mails, so that others come to their turn, and as soon as `goes_on` says no. No transaction is
        open while the network talks.
        """
        run = _Run(goes_on)
        try:
            job = self._prepared(run, claim)
            while job is not None:
                run.next = None
                self._attempt(run, job)
                job = run.next
        finally:
            self.transmission.rest(run.line)
        if run.failure is not None:
            raise run.failure

    def end(self) -> None:
        """Let go of every mail whose dot is not sent within a second; an answer is waited for, a minute at most."""
        self.transmission.ending.begin()

    def rest(self) -> None:
        """Say goodbye on every connection that waits for more mail. Nothing may be under way."""
        self.transmission.ending.is_over()
        self.transmission.pool.close()

    def wake(self) -> None:
        """Ask again for all that is held: what the operator set before this start may be what it waits for.

        If the database is an older copy, hold all that waits in it instead: it may have been sent since.
        """
        if self.rollback.is_behind():
            self.recover()
            self.rollback.hold()
        with unit_of_work(SYSTEM) as session:
            waiting.release_held(session, "", self.clock())

    def recover(self, *living: UUID, of: int = 0) -> None:
        """Take up what is in the hands of nobody any more: their process, or their last write, failed.

        Of the process with the key `of`, which is the one that asks, these owners live; of the others all that the
        database knows to be there. Past the fence nobody knows: that is uncertain, not unsent.
        """
        with reading(SYSTEM) as session:
            if not outbox.in_hands(session, but=living):
                return
        with unit_of_work(SYSTEM) as session:
            present = presence.keys(session) - {of}
            left = [each for each in outbox.in_hands(session, but=living) if not is_of(each.owner, present)]
            self.settlement.take_up(session, left)

    def sweep(self) -> None:
        """Ask again for mails that stayed uncertain long enough; end the waiting of those whose time is over.

        Answers that no waiting mail can have been given are thrown away.
        """
        self.transmission.pool.sweep()
        self.settlement.journal.forget(self.clock())
        with reading(SYSTEM) as session:
            now = self.clock()
            if not waiting.expired(session, now) and not waiting.to_repeat(session, now):
                return
        with unit_of_work(SYSTEM) as session:
            now = self.clock()
            to_repeat = waiting.to_repeat(session, now)
            for recipient in to_repeat:
                outbox.move(recipient, State.QUEUED)
            outbox.reckon_all(session, to_repeat)
            for recipient in waiting.expired(session, now):
                outbox.move(recipient, State.EXPIRED)
                recipient.settled_at = now
                message_id = MessageId(recipient.message_id)
                everyone = outbox.recipients_of(session, message_id)
                self.settlement.put_down(outbox.get_row(session, message_id), everyone)

    def _prepared(self, run: _Run, claim: Claim) -> Job | None:
        try:
            with _about(claim):
                return self.preparation.prepare(claim)
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            self._abandon(claim)
            run.failure = error
            return None

    def _attempt(self, run: _Run, job: Job) -> None:
        """A bug in one mail is remembered until the run is over: it does not touch the others."""
        watch, claim = Stopwatch(), job.claim
        try:
            with _about(claim):
                report = self._transmit(job, run)
                self._settle(job, report)
                tell_attempt(report.code.value, claim.lane.value, claim.route.config_id, watch)
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            self._abandon(claim)
            run.failure = error

    def _transmit(self, job: Job, run: _Run | None = None) -> Report:
        run = run or _Run(lambda: False)
        return self.transmission.carry(
            job.claim.route,
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
        claim = self._claimed_behind(run, job)
        run.next = self._prepared(run, claim) if claim else None
        if run.next is None or key_of(run.next.claim.route) != key_of(job.claim.route):
            return None
        return run.next.envelope

    def _claimed_behind(self, run: _Run, job: Job) -> Claim | None:
        """What goes wrong with the next mail is no reason to give up this one."""
        try:
            return self.claiming.behind(job.claim)
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            run.failure = error
            return None

    def _abandon(self, claim: Claim) -> None:
        """A bug ended the attempt: past the fence nobody knows; before it the mail waits, or is set apart."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, claim.message_id)
            if message.owner == claim.owner:
                self.settlement.take_up(session, [message])

    def _pass_fence(self, job: Job, accepted: tuple[str, ...]) -> bool:
        """Commit the intent before the dot, unless the mail, its route or its tenant changed meanwhile."""
        may_pass = beside_others(lambda session: self._intend(session, job, accepted))
        job.past_fence = accepted if may_pass else ()
        return may_pass

    def _intend(self, session: Session, job: Job, accepted: tuple[str, ...]) -> bool:
        message = outbox.get_row(session, job.claim.message_id)
        if message.owner != job.claim.owner or not self.claiming.still_goes(session, message, job.claim.route):
            return False
        message.sealed_bytes = job.claim.own.seal_content(job.written.content, job.claim.message_id)
        for recipient in outbox.recipients_of(session, job.claim.message_id):
            if recipient.address in accepted and recipient.state == State.SENDING.value:
                outbox.move(recipient, State.COMMITTING)
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
            answer = Answer(job.claim.attempt_id, job.claim.message_id, job.claim.queued_at, code, reply)
            self.settlement.journal.write(answer, now)

    def _conclude(self, job: Job, report: Report) -> None:
        beside_others(lambda session: self._note(session, job, report))

    def _note(self, session: Session, job: Job, report: Report) -> None:
        claim = job.claim
        message = outbox.get_row(session, claim.message_id)
        if message.owner != claim.owner:
            return
        everyone = outbox.recipients_of(session, claim.message_id)
        circumstances = self._circumstances(session, claim, report)
        for recipient in outbox.in_hand(everyone):
            code, reply = report.recipients.get(recipient.address, (report.code, report.reply))
            self.settlement.conclude(message, recipient, code, reply, circumstances)
        outbox.finish(session, claim.attempt_id, self.clock(), report.code, shapes.of_findings(job.findings))
        is_own = claim.route.owner == message.tenant_id
        message.notes = [*job.notes, *(report.notes if is_own else ())]
        if report.code is not Code.LET_GO:
            turns.lock_server(session, claim.route.config_id)
            self.health.learn(session, claim.route.config_id, claim.route.version, report.code, report.signals)
        self.settlement.put_down(message, everyone)

    def _circumstances(self, session: Session, claim: Claim, report: Report) -> Circumstances:
        was_refused = report.code is Code.SENDER_REJECTED
        return Circumstances(report.was_split, was_refused and self.health.is_paused(session, claim.route.config_id))


def _about(claim: Claim) -> AbstractContextManager[None]:
    """Whatever is logged meanwhile is found by these ids."""
    return about(tenant_id=claim.tenant_id, message_id=claim.message_id, attempt_id=claim.attempt_id)
