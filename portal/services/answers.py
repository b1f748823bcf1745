"""Knows how outcomes of attempts are written down: what the server said into the journal, then all into the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from sqlalchemy.orm import Session

from portal.domain.delivery import Circumstances
from portal.domain.diagnosis import Code
from portal.services.health import HealthWatch
from portal.services.places import Clock
from portal.services.preparation import Job
from portal.services.settlement import Settlement
from portal.services.transmission import Report
from portal.store import hands, outbox, shapes, turns
from portal.store.db import beside_others
from portal.store.hands import Ended, Everyone, Recipient
from portal.store.journal import Answer
from portal.store.troubles import TakenAwayError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt that is over."""

    job: Job
    report: Report


@dataclass(frozen=True, slots=True)
class Answers:
    clock: Clock
    settlement: Settlement
    health: HealthWatch

    def write_down(self, outcome: Outcome, *, more_follow: bool = False) -> None:
        """Keep what the server said to the dot, before the database is asked to: it may be gone by now.

        While more answers of the same group follow, the last of them waits for the disk.
        """
        job, report = outcome.job, outcome.report
        if not job.past_fence:
            return
        code, reply = report.recipients[job.past_fence[0]]
        if code is not Code.UNKNOWN:
            answer = Answer(job.claim.attempt_id, job.claim.message_id, job.claim.mail.created_at, code, reply)
            self.settlement.journal.write(answer, self.clock(), waits=not more_follow)

    def conclude(
        self,
        outcomes: Sequence[Outcome],
        then: Callable[[Session], T],
        *,
        foresee: Callable[[Session], None] = lambda _session: None,
    ) -> T | None:
        """Settle attempts of one owner, and do `then` in the same transaction. Returns what that returns.

        What `then` will ask for is said by `foresee`, behind what is written and before anything of servers is learnt.
        Of those in other hands by now nothing is touched; where one of several is, `then` is not done.
        """

        def work(session: Session) -> T | None:
            self._note(session, outcomes)
            foresee(session)
            self._learn(session, outcomes)
            return then(session)

        try:
            return beside_others(work)
        except TakenAwayError:
            for each in outcomes if len(outcomes) > 1 else ():
                self.conclude([each], lambda _session: None)
            return None

    def _note(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        """Whether these mails are still in the hands of their owner is asked where they are written."""
        owner = outcomes[0].job.claim.owner
        everyone = self._recipients(session, [each.job for each in outcomes])
        changed = list[Recipient]()
        for each in outcomes:
            changed += self._settle(each, everyone[each.job.claim.message_id], self._circumstances(session, each))
        mails = [each.job.claim.mail for each in outcomes]
        hands.settle(session, mails, changed, [_ended(each) for each in outcomes], owner=owner, now=self.clock())

    @staticmethod
    def _recipients(session: Session, jobs: Sequence[Job]) -> Everyone:
        """As they are in the rows. Somebody may have changed those who were not in hand; the others are known."""
        shared = [job.claim.message_id for job in jobs if len(job.claim.in_hand) < len(job.claim.recipients)]
        known = {job.claim.message_id: job.recipients for job in jobs}
        return known | (hands.recipients_of(session, shared) if shared else {})

    def _circumstances(self, session: Session, outcome: Outcome) -> Circumstances:
        report, route = outcome.report, outcome.job.claim.route
        was_refused = report.code is Code.SENDER_REJECTED
        return Circumstances(report.was_split, was_refused and self.health.is_paused(session, route.config_id))

    def _settle(self, outcome: Outcome, everyone: Sequence[Recipient], circumstances: Circumstances) -> list[Recipient]:
        """Apply what is known to each recipient of one mail, and take it out of the hands; returns who changed."""
        job, report = outcome.job, outcome.report
        mail, held = job.claim.mail, outbox.in_hand(everyone)
        for recipient in held:
            code, reply = report.recipients.get(recipient.address, (report.code, report.reply))
            self.settlement.conclude(mail, recipient, code, reply, circumstances)
        is_own = job.claim.route.owner == mail.tenant_id
        mail.notes = [*job.notes, *(report.notes if is_own else ())]
        self.settlement.put_down(mail, everyone)
        return held

    def _learn(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        """What these sessions say of their configurations; that one works is noted once, however often it is said."""
        told = ((each.job.claim.route, each.report) for each in outcomes if each.report.code is not Code.LET_GO)
        lessons = [(route.config_id, route.version, report.code, report.signals) for route, report in told]
        for (config_id, version, code, signals), again in groupby(lessons):
            if config_id is None:
                continue  # nothing is kept of the operator's own server
            if code is Code.OK and not signals and self.health.goes_on_well(session, config_id, version):
                continue
            turns.lock_server(session, config_id)
            for _ in (None,) if code is Code.OK else again:
                self.health.learn(session, config_id, version, code, signals)


def _ended(outcome: Outcome) -> Ended:
    return Ended(outcome.job.claim.attempt_id, outcome.report.code, shapes.of_findings(outcome.job.findings))
