"""Knows the fence: the intent that is committed before a dot may be said, and how long that word holds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.delivery import State
from portal.services.passwords import Passwords
from portal.services.preparation import Job
from portal.services.routing import Routing
from portal.store import hands, outbox
from portal.store.db import beside_others
from portal.vault.vault import TenantVault

# Mails that passed together, but whose turn comes later, are asked for again: route and company may have changed.
_HOLDS = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Fences:
    """`moment` is monotonic, in seconds; it goes on while the process is stopped."""

    routing: Routing
    passwords: Passwords
    moment: Callable[[], float] = time.monotonic

    def let_pass(self, job: Job, accepted: tuple[str, ...], along: Sequence[Job] = ()) -> bool:
        """Commit the intent to deliver a mail to those whom the server accepted, and the mails `along` to everybody.

        False where the mail is in other hands, or its route or its company changed meanwhile: then no dot may follow.
        A mail that passed along with another just now is let pass without a question.
        """
        if self.moment() >= job.passed_until:
            job.past_fence = ()
            passed = beside_others(lambda session: self._intend(session, job, accepted, along))
            until = self.moment() + _HOLDS
            for each in passed:
                each.passed_until = until
            if not passed:
                return False
        job.past_fence = accepted
        return True

    def _intend(self, session: Session, job: Job, accepted: tuple[str, ...], along: Sequence[Job]) -> list[Job]:
        jobs = {each.claim.message_id: each for each in (job, *along)}
        ours = hands.still_in(session, list(jobs), job.claim.owner)
        claims = self.routing.still_go(session, [each.claim for each in jobs.values() if each.claim.message_id in ours])
        passing = [jobs[claim.message_id] for claim in claims]
        if job not in passing:
            return []
        # With the company's key as it is now: it may have been given a new one since the mail was taken in hand.
        own = self.passwords.of_tenant(session, job.claim.tenant_id)
        hands.keep_bytes(session, {each.claim.message_id: _sealed(each, own) for each in passing})
        everyone = hands.recipients_of(session, [each.claim.message_id for each in passing])
        changed = []
        for each in passing:
            addresses = accepted if each is job else each.claim.addresses
            for recipient in everyone[each.claim.message_id]:
                if recipient.address in addresses and recipient.state == State.SENDING.value:
                    outbox.move(recipient, State.COMMITTING)
                    changed.append(recipient)
        hands.write(session, (), changed)
        return passing


def _sealed(job: Job, own: TenantVault) -> bytes:
    mail = job.claim.mail
    mail.sealed_bytes = sealed = own.seal_content(job.written.content, job.claim.message_id)
    return sealed
