"""Knows the second step of a sign-in: whoever knew the password shows his second factor."""

from dataclasses import dataclass

from portal.domain.errors import NotFoundError
from portal.domain.ids import TenantId, UserId
from portal.services.accounts import SignInRefusedError
from portal.services.browsers import Browser
from portal.services.second_factors import SecondFactors
from portal.services.sign_ins import SignIns
from portal.store import sign_ins, tenants
from portal.store.db import SYSTEM, reading, unit_of_work


@dataclass(frozen=True, slots=True)
class SecondSteps:
    sign_ins: SignIns
    second_factors: SecondFactors

    def is_open(self, reference: str) -> bool:
        """Whether this reference still waits for a code."""
        try:
            with reading(SYSTEM) as session:
                self.sign_ins.half(session, reference)
        except NotFoundError:
            return False
        return True

    def finish(self, reference: str, code: str, *, address: str, browser: Browser, host: str = "") -> str:
        """Return the reference of a new session, for the code that was asked for; the half-way one ends.

        Raises NotFoundError once it took too long, or under a brand host that is not for his company,
        SignInRefusedError for a wrong code, TooManyError.
        """
        with reading(SYSTEM) as session:
            waiting = self.sign_ins.half(session, reference)
            user_id, company = UserId(waiting.id), tenants.get(session, TenantId(waiting.tenant_id))
        if not self.sign_ins.shelf.admits(host, company.path):
            raise NotFoundError
        self.second_factors.take_place(user_id)
        with unit_of_work(SYSTEM) as session:
            user = self.sign_ins.half(session, reference)
            is_right = self.second_factors.check(session, user, code) is not None
            if is_right:
                sign_ins.end_halves_of(session, user_id)
                return self.sign_ins.begin(session, user, address=address, browser=browser, host=host)
        raise SignInRefusedError
