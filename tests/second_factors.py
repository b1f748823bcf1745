"""Knows how a test has an authenticator app in its hand."""

from dataclasses import dataclass
from datetime import datetime

from passlib.totp import TOTP

from portal.domain.roles import Actor
from portal.domain.second_factor import Offer
from portal.services import Services
from tests.fixtures_portal import Clock


@dataclass(frozen=True, slots=True)
class App:
    """Somebody's app, and the recovery codes that he was shown when he set it up."""

    uri: str
    clock: Clock
    recovery: tuple[str, ...] = ()

    def code(self, at: datetime | None = None) -> str:
        return TOTP.from_uri(self.uri).generate(int((at or self.clock()).timestamp())).token


def code_of(offer: Offer, clock: Clock) -> str:
    return App(offer.uri, clock).code()


def set_up(services: Services, person: Actor, clock: Clock) -> App:
    """Give somebody a second factor. The code of this moment is spent by that."""
    services.security.second_factors.offer(person)
    offer = services.security.second_factors.offered(person)
    return App(offer.uri, clock, services.security.second_factors.confirm(person, code_of(offer, clock)))
