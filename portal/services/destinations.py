"""Knows a tenant's budget of servers to try, so that neither tests nor mails can be used to search a network."""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portal.domain.destinations import spent_limit
from portal.domain.errors import DestinationsSpentError
from portal.domain.hosts import is_literal_address
from portal.domain.ids import TenantId
from portal.domain.limits import DESTINATIONS_PER_TENANT_AND_DAY
from portal.domain.mail_config import Destination
from portal.mail.egress import Egress, Target
from portal.services.places import Clock
from portal.services.throttle import short_key
from portal.store import destinations, mail_configs
from portal.store.db import SYSTEM, reading, unit_of_work

_REMEMBERED = DESTINATIONS_PER_TENANT_AND_DAY.window


@dataclass(frozen=True, slots=True)
class Destinations:
    """A server is a host and a port. One that works for the tenant, or that the operator excepts, costs nothing."""

    clock: Clock
    egress: Egress

    def ensure_room(self, session: Session, tenant_id: TenantId, destination: Destination) -> None:
        """Look whether a tenant may connect there now; nothing is counted. Raises DestinationsSpentError."""
        if self._excepts_literal(destination.host) or _has_worked(session, tenant_id, destination):
            return
        now = self.clock()
        visits = destinations.visits_of(session, tenant_id, after=now - _REMEMBERED)
        spent = None if _place(destination) in visits else spent_limit(list(visits.values()), now)
        if spent:
            limit, wait = spent
            raise DestinationsSpentError(limit.name, math.ceil(wait.total_seconds()), _server(destination))

    def egress_for(self, tenant_id: TenantId, destination: Destination) -> Egress:
        """The way out for one connection of a tenant's configuration, which is counted when it is made."""

        def admit(targets: Sequence[Target]) -> bool:
            return all(self.egress.excepts(target.address) for target in targets) or self._take(tenant_id, destination)

        return replace(self.egress, admit=admit)

    def _take(self, tenant_id: TenantId, destination: Destination) -> bool:
        with reading(SYSTEM) as session:
            if _has_worked(session, tenant_id, destination):
                return True
        try:
            with unit_of_work(SYSTEM) as session:
                self.ensure_room(session, tenant_id, destination)
                now = self.clock()
                destinations.forget(session, tenant_id, until=now - _REMEMBERED)
                destinations.note(session, tenant_id, _place(destination), now)
        except DestinationsSpentError:
            return False
        return True

    def _excepts_literal(self, host: str) -> bool:
        return is_literal_address(host) and self.egress.excepts(ipaddress.ip_address(host))


def _has_worked(session: Session, tenant_id: TenantId, destination: Destination) -> bool:
    return mail_configs.has_worked(session, tenant_id, destination.host, destination.port)


def _server(destination: Destination) -> str:
    return f"{destination.host} {destination.port}"


def _place(destination: Destination) -> str:
    return short_key(_server(destination))
