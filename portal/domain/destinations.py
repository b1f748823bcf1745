"""Knows how many servers a tenant may try: whoever could name them without end would map a network with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.limits import DESTINATIONS_PER_TENANT_AND_DAY, NEW_DESTINATIONS_PER_TENANT_AND_HOUR, Limit


@dataclass(frozen=True, slots=True)
class Visit:
    """When a tenant connected to one server (host and port) for the first and for the last time."""

    first_at: datetime
    last_at: datetime


def spent_limit(visits: Sequence[Visit], now: datetime) -> tuple[Limit, timedelta] | None:
    """Say which limit one more server would exceed, and for how long; None where there is room.

    `visits` are those of the last day; one for each server.
    """
    last, first = [visit.last_at for visit in visits], [visit.first_at for visit in visits]
    for limit, moments in ((DESTINATIONS_PER_TENANT_AND_DAY, last), (NEW_DESTINATIONS_PER_TENANT_AND_HOUR, first)):
        within = [moment for moment in moments if moment > now - limit.window]
        if len(within) >= limit.uses:
            return limit, min(within) + limit.window - now
    return None
