"""Knows how a waiting mail is delivered: claim, prepare, hand over behind the fence, settle."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

from portal.domain.delivery import State
from portal.domain.ids import MessageId
from portal.domain.outgoing import Lane
from portal.domain.owners import is_of
from portal.mail.connection import Envelope
from portal.services.answers import Answers, Outcome
from portal.services.claiming import Claiming
from portal.services.fences import Fences
from portal.services.places import Clock
from portal.services.preparation import GROUP, Job, Preparation
from portal.services.rollback import Rollback
from portal.services.routing import Claim
from portal.services.settlement import Settlement
from portal.services.transmission import Line, Parcel, Report, Transmission, key_of
from portal.store import outbox, presence, waiting
from portal.store.db import SYSTEM, on_one_connection, reading, unit_of_work
from portal.telemetry.logs import Stopwatch, tell_attempt
from portal.telemetry.tracing import about

# So many mails of one company may follow each other over one connection before others come to their turn.
_LONGEST_RUN = {Lane.INTERACTIVE: 20, Lane.NORMAL: 20, Lane.BULK: 50}
# Answers of mails that were taken together are written down together, unless the first of them waits for so long.
_LONGEST_UNWRITTEN = 2.0  # seconds


@dataclass(slots=True)
class _Run:
    """Mails of one company, one after the other: `ready` are prepared ahead of their turn, `over` not yet settled.

    While it `looks_ahead`, more are taken in hand by the transaction that settles those that are over.
    """

    goes_on: Callable[[], bool]
    left: int
    line: Line = field(default_factory=Line)
    ready: deque[Job] = field(default_factory=deque)
    over: list[Outcome] = field(default_factory=list)
    since: float = 0.0
    looks_ahead: bool = True
    failure: Exception | None = None


@dataclass(frozen=True, slots=True)
class Delivering:
    clock: Clock
    claiming: Claiming
    preparation: Preparation
    transmission: Transmission
    settlement: Settlement
    fences: Fences
    answers: Answers
    rollback: Rollback

    def claim(self, owner: UUID, lanes: Sequence[Lane] = tuple(Lane)) -> Claim | None:
        """Take the next due mail of the first of these lanes that has one into the hands of `owner`, or None.

        Attempts are counted before the work is done.
        """
        return self.claiming.next(owner, lanes)

    def deliver(self, claim: Claim, *, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Make one attempt at a claimed mail, and at those of the same tenant and lane that are due behind it.

        Such a run shares a connection, and a mail's envelope travels along with the end of the mail before it. It
        ends after some mails, so that others come to their turn, and as soon as `goes_on` says no. No transaction is
        open while the network talks.
        """
        run = _Run(goes_on, _LONGEST_RUN[claim.lane])
        try:
            with on_one_connection():
                self._go_through(run, claim)
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

        Mail that is uncertain to the others, but not to this machine's journal, is settled. If the database is an older
        copy, all that waits in it is held instead: it may have been sent since.
        """
        if self.rollback.is_behind():
            self.recover()
            self.rollback.hold()
        with unit_of_work(SYSTEM) as session:
            self.settlement.recall(session)
            waiting.release_held(session, "", self.clock())

    def recover(self, *living: UUID, of: int = 0) -> bool:
        """Take up what is in the hands of nobody any more: their process, or their last write, failed.

        Of the process with the key `of`, which is the one that asks, these owners live; of the others all that the
        database knows to be there. Past the fence nobody knows: that is uncertain, not unsent.
        Returns whether anybody else has something in hand, who may die with it.
        """
        with reading(SYSTEM) as session:
            others, present = outbox.owners(session, but=living), presence.keys(session) - {of}
        if all(is_of(owner, present) for owner in others):
            return bool(others)
        with unit_of_work(SYSTEM) as session:
            present = presence.keys(session) - {of}
            left = [each for each in outbox.in_hands(session, but=living) if not is_of(each.owner, present)]
            self.settlement.take_up(session, left)
            return True

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

    def _go_through(self, run: _Run, claim: Claim) -> None:
        self._get_ready(run, claim)
        while run.ready:
            job = run.ready.popleft()
            self._attempt(run, job)
            # A group is one try at its server: whoever loses the connection does not sign in ten times.
            is_cut = not job.is_last and run.line.session is None
            if run.ready and (is_cut or not run.goes_on()):
                self._give_back(run)
        self._conclude(run)

    def _get_ready(self, run: _Run, claim: Claim) -> None:
        """Prepare what was taken together; it will pass the fence in groups."""
        taken = [self._prepared(run, each) for each in (claim, *claim.along)]
        jobs = [job for job in taken if job is not None]
        for place, job in enumerate(jobs[:-1], 1):
            job.is_last = place % GROUP == 0
        run.ready.extend(jobs)
        run.left -= len(taken)

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
                self._settle(job, report, run)
                tell_attempt(report.code.value, claim.lane.value, claim.route.config_id, watch)
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            self._abandon(claim)
            run.failure = error

    def _transmit(self, job: Job, run: _Run | None = None) -> Report:
        run = run or _Run(lambda: False, 0)
        return self.transmission.carry(
            job.claim.route,
            Parcel(job.envelope, job.written),
            line=run.line,
            observe=job.findings.append,
            fence=lambda accepted: self._pass_fence(job, accepted, run),
            following=lambda: self._following(run, job),
        )

    def _following(self, run: _Run, job: Job) -> Envelope | None:
        """The envelope of the next mail of the run, if it takes the same route; claimed and prepared where none is."""
        if not run.ready and run.left > 0 and run.goes_on() and (claim := self._claimed_behind(run, job)):
            self._get_ready(run, claim)
        if not run.ready or key_of(run.ready[0].claim.route) != key_of(job.claim.route):
            return None
        return run.ready[0].envelope

    def _claimed_behind(self, run: _Run, job: Job) -> Claim | None:
        """What goes wrong with the next mail is no reason to give up this one."""
        try:
            return self.claiming.behind(job.claim)
        except Exception as error:  # noqa: BLE001 - it is raised when the run is over
            run.failure = error
            return None

    def _give_back(self, run: _Run) -> None:
        """Put mails back that were taken together with one whose run is over."""
        self._conclude(run)
        left = [job.claim for job in run.ready]
        run.ready.clear()
        self.settlement.release([(claim.message_id, claim.attempt_id) for claim in left], left[0].owner)

    def _abandon(self, claim: Claim) -> None:
        """A bug ended the attempt: past the fence nobody knows; before it the mail waits, or is set apart."""
        with unit_of_work(SYSTEM) as session:
            message = outbox.get_row(session, claim.message_id)
            if message.owner == claim.owner:
                self.settlement.take_up(session, [message])

    def _pass_fence(self, job: Job, accepted: tuple[str, ...], run: _Run | None = None) -> bool:
        """Those that were taken together pass together: whatever is ready up to the last of them."""
        along = []
        if run and not job.is_last:
            number = next((place for place, each in enumerate(run.ready) if each.is_last), -1)
            along = list(run.ready)[: number + 1]
        return self.fences.let_pass(job, accepted, along)

    def _settle(self, job: Job, report: Report, run: _Run | None = None) -> None:
        """Write the answer into the journal at once, and into the rows when the last of the group has one."""
        run = run or _Run(lambda: False, 0)
        run.since = run.since if run.over else time.monotonic()
        run.over.append(outcome := Outcome(job, report))
        more_follow = not job.is_last and time.monotonic() < run.since + _LONGEST_UNWRITTEN
        try:
            self.answers.write_down(outcome, more_follow=more_follow)
        finally:  # a journal that cannot be written is an operator's trouble, not a reason to forget the answer
            if not more_follow and not self._conclude_and_go_on(run):
                self._conclude(run)

    def _conclude(self, run: _Run) -> None:
        over, run.over = run.over, []
        if over:
            self.answers.conclude(over, lambda _session: None)

    def _conclude_and_go_on(self, run: _Run) -> bool:
        """Settle what is over and take those behind what is ready, in one transaction; False where nothing was done.

        What goes wrong with the next mails is no reason not to settle these. It will be met again where they are taken
        for themselves.
        """
        if not (self._is_in_order(run) and run.left > 0 and run.goes_on()):
            return False
        ahead, now = run.ready[-1].claim, self.clock()
        try:
            claim = self.answers.conclude(
                run.over,
                lambda session: self.claiming.along(session, ahead, now),
                foresee=lambda session: self.claiming.foresee_along(session, ahead, now),
            )
        except Exception:  # noqa: BLE001 - it is raised again by what is done instead, or there
            run.looks_ahead = False
            return False
        run.over = []
        if claim:
            self._get_ready(run, claim)
        return True

    @staticmethod
    def _is_in_order(run: _Run) -> bool:
        """Whether those that are over are all that were taken together, and one more such group is ready."""
        if not (run.looks_ahead and run.line.session and run.over[-1].job.is_last):
            return False
        return sum(job.is_last for job in run.ready) == 1


def _about(claim: Claim) -> AbstractContextManager[None]:
    """Whatever is logged meanwhile is found by these ids."""
    return about(tenant_id=claim.tenant_id, message_id=claim.message_id, attempt_id=claim.attempt_id)
