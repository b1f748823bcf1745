"""Knows how it is noted that somebody who is signed in asked for what he may not have."""

from dataclasses import dataclass

from portal.domain.audit import Event
from portal.domain.errors import PortalError, TooManyError
from portal.domain.limits import DENIALS_PER_USER_AND_ROUTE
from portal.domain.roles import Actor
from portal.services.audit import Audit, Subject
from portal.services.throttle import Throttle, short_key
from portal.store.db import reading, unit_of_work

_LONGEST_NAME = 320


@dataclass(frozen=True, slots=True)
class Denials:
    audit: Audit
    throttle: Throttle

    def note(self, actor: Actor, refusal: PortalError, *, route: str, asked: str) -> None:
        """Write it into the log of the actor's own company, once a minute for each route at most.

        What is foreign and what does not exist are noted alike. `asked` is what he asked for, without any secret.
        """
        whose = short_key(f"{actor.user_id} {route}")
        with reading(actor.tenant.id) as session:  # whoever keeps asking costs no write
            if self.throttle.is_spent(session, DENIALS_PER_USER_AND_ROUTE, whose):
                return
        with unit_of_work(actor.tenant.id) as session:
            try:
                self.throttle.take(session, DENIALS_PER_USER_AND_ROUTE, whose)
            except TooManyError:
                return  # another request was first
            self.audit.record(
                session,
                Event.DENIED,
                tenant_id=actor.tenant.id,
                subject=Subject(None, asked[:_LONGEST_NAME]),
                actor=actor,
                change={"reason": ("", refusal.code)},
            )
