"""Knows how somebody who is signed in shows once more who he is, before he does something grave."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.audit import Event
from portal.domain.errors import InvalidError, NotFoundError, Problem
from portal.domain.ids import TenantId
from portal.domain.limits import PROOF_PER_USER
from portal.domain.roles import Actor
from portal.domain.secret import Secret
from portal.services.audit import Audit, Subject
from portal.services.passphrases import Passphrases
from portal.services.places import Clock
from portal.services.second_factors import SecondFactors
from portal.services.throttle import Throttle
from portal.store import second_factors, sign_ins, users
from portal.store.db import unit_of_work


@dataclass(frozen=True, slots=True)
class Proofs:
    clock: Clock
    audit: Audit
    throttle: Throttle
    passphrases: Passphrases
    second_factors: SecondFactors

    def prove(self, actor: Actor, *, password: Secret, code: str, reference: str) -> None:
        """Show the password, and a code where the account has a second factor; it holds for this session alone.

        Attempts are counted before anything is compared. Raises TooManyError, and InvalidError at the field
        `current` or `one_time_password`.
        """
        with unit_of_work(actor.tenant.id) as session:
            self.throttle.take(session, PROOF_PER_USER, str(actor.user_id))
            known = users.get_row(session, actor.user_id).password_hash
        if not self.passphrases.matches(password, known):
            with unit_of_work(actor.tenant.id) as session:
                self._refuse(session, actor)
            raise InvalidError([Problem("current", "wrong")])
        self._with_code(actor, known, code, reference)

    def _with_code(self, actor: Actor, known: str | None, code: str, reference: str) -> None:
        with unit_of_work(actor.tenant.id) as session:
            user, here = users.get_row(session, actor.user_id), sign_ins.find(session, sign_ins.hash_of(reference))
            if here is None or user.password_hash != known:
                raise NotFoundError  # the session ended while we compared
            needs_code = second_factors.is_on(session, actor.user_id)
            is_right = not needs_code or self.second_factors.check(session, user, code) is not None
            if is_right:
                here.proven_at = self.clock()
                self.throttle.forget(session, PROOF_PER_USER, str(actor.user_id))
                return
        raise InvalidError([Problem("one_time_password", "wrong")])

    def _refuse(self, session: Session, actor: Actor) -> None:
        subject = Subject(actor.user_id, actor.email)
        self.audit.record(
            session, Event.PROOF_REFUSED, tenant_id=TenantId(actor.tenant.id), subject=subject, actor=actor
        )
