"""Knows how fast mail may leave through a configuration: so many a minute, and not one more."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.services.resolution import Route
from portal.store import outbox

_WINDOW = timedelta(minutes=1)


def next_turn(session: Session, route: Route, now: datetime) -> datetime | None:
    """When the next mail may leave through a route, or None where that is now.

    Call it under the write lock: attempts are written in the same transaction, so senders side by side cannot both
    take the last place of a minute.
    """
    limit = route.draft.per_minute
    if route.config_id is None or not limit:
        return None
    begun = outbox.begun_since(session, route.config_id, now - _WINDOW, most=limit)
    return begun[-1] + _WINDOW if len(begun) == limit else None
