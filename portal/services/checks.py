"""Knows how configurations are checked by the clock: as far as the recipient, and nothing is delivered."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.domain.diagnosis import Code
from portal.domain.ids import ConfigId, TenantId
from portal.domain.precedence import Choice
from portal.domain.sender import signed
from portal.mail.connection import INTERACTIVE, Envelope
from portal.services.health import HealthWatch
from portal.services.places import Clock
from portal.services.resolution import PasswordNeededError, Resolver, Route
from portal.services.transmission import Transmission
from portal.store import checks, mail_configs, tenants, turns
from portal.store.db import SYSTEM, beside_others, unit_of_work

# So many configurations that nobody uses, or that rest, are passed over before somebody else may write.
_MOST_PASSED_OVER = 50
# What a server is told that the mail would weigh (RFC 1870).
_SIZE = 2000


@dataclass(frozen=True, slots=True)
class Checks:
    """`every` is how often a configuration that works is checked; None is never.

    Mail that goes well counts as a check.
    """

    clock: Clock
    resolver: Resolver
    transmission: Transmission
    health: HealthWatch
    every: timedelta | None

    def claim(self) -> Route | None:
        """Take the next configuration that is to be checked, or None.

        Its next check is noted first: a process that dies in the middle leaves it for then, and repeats nothing.
        """
        if self.every is None:
            return None
        with unit_of_work(SYSTEM) as session:
            for _ in range(_MOST_PASSED_OVER):
                row = checks.next_due(session, self.clock())
                if row is None:
                    return None
                row.check_at = self.clock() + self.every
                if route := self._route(session, row):
                    return route
            return None

    def perform(self, route: Route) -> None:
        """Check a configuration and learn from it what a mail would have taught."""
        signature = signed(route.draft, wanted=None, reply_to=None, inherited=False)
        envelope = Envelope(signature.envelope, (route.draft.from_address,), _SIZE)
        report = self.transmission.check(route, envelope, deadlines=INTERACTIVE, observe=lambda _finding: None)
        beside_others(lambda session: self._learn(session, route, report.code))

    def _learn(self, session: Session, route: Route, code: Code) -> None:
        turns.lock_server(session, route.config_id)
        self.health.learn(session, route.config_id, route.version, code)

    def _route(self, session: Session, row: mail_configs.MailConfigRow) -> Route | None:
        """The way to a configuration that somebody uses and nobody lets rest."""
        if not checks.is_used(session, ConfigId(row.id)):
            return None
        tenant = tenants.find(session, TenantId(row.tenant_id))
        if tenant is None or tenant.suspended:
            return None
        try:
            return self.resolver.route(session, Choice(ConfigId(row.id)))
        except PasswordNeededError:
            row.last_code, row.last_at = Code.PASSWORD_NEEDED.value, self.clock()
            return None
