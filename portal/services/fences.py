"""Knows the fence: the intent that is committed before a dot may be said, and how long that word holds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.services.passwords import Passwords
from portal.services.preparation import Job
from portal.services.routing import Routing
from portal.store import hands, standings
from portal.store.db import beside_others
from portal.store.troubles import TakenAwayError
from portal.vault.vault import TenantVault

# Mails that passed together, but whose turn comes later, are asked for again: route and company may have changed.
_HOLDS = 2.0  # seconds

# Jobs that pass, each with the addresses for which the dot is about to be said.
_Intended = list[tuple[Job, tuple[str, ...]]]


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
            try:
                intended = beside_others(lambda session: self._intend(session, job, accepted, along))
            except TakenAwayError:
                # Where one of several is in other hands, each of them is asked for by itself.
                return self.let_pass(job, accepted) if along else False
            until = self.moment() + _HOLDS
            for each, addresses in intended:
                each.passed_until, each.intended = until, addresses
            if not intended:
                return False
        job.past_fence = accepted
        return True

    def _intend(self, session: Session, job: Job, accepted: tuple[str, ...], along: Sequence[Job]) -> _Intended:
        jobs = {each.claim.message_id: each for each in (job, *along)}
        owner, found = job.claim.owner, standings.find(session, job.claim.tenant_id)
        if found is None:
            return []
        tenant, data_key, version = found
        # Whether they are still in these hands is asked where their bytes are kept.
        asked = [each.claim for each in jobs.values()]
        passing = [jobs[claim.message_id] for claim in self.routing.still_go(session, asked, tenant, version)]
        if job not in passing:
            return []
        # With the company's key as it is now: it may have been given a new one since the mail was taken in hand.
        own = self.passwords.with_key(tenant.id, data_key, known=job.claim.own)
        sealed = {each.claim.message_id: _sealed(each, own) for each in passing}
        intended = [(each, accepted if each is job else each.claim.addresses) for each in passing]
        pairs = [(each.claim.message_id, address) for each, addresses in intended for address in addresses]
        hands.let_pass(session, sealed, pairs, owner)
        return intended


def _sealed(job: Job, own: TenantVault) -> bytes:
    mail = job.claim.mail
    mail.sealed_bytes = sealed = own.seal_content(job.written.content, job.claim.message_id)
    return sealed
