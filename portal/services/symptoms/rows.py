"""Knows what the database and what waits in it tell about an installation."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from portal.domain.symptoms import Severity, Sign, Symptom
from portal.services.keys import Keys
from portal.services.places import Clock
from portal.services.queue import Queue
from portal.services.symptoms import secrets
from portal.store import brand_hosts, condition
from portal.store.db import SYSTEM, reading
from portal.store.row_security import NoWallError

_SKEW, _WRONG = timedelta(seconds=2), timedelta(seconds=30)


def look(clock: Clock, keys: Keys, queue: Queue, *, is_migrated: bool) -> Iterator[Symptom]:
    if not is_migrated:
        yield Symptom(Sign.NOT_MIGRATED, Severity.ERROR)
        return
    yield from _database(clock)
    yield from secrets.needs(keys.uses())
    yield from _mail(queue)
    yield from _hosts()


def reachable() -> Iterator[Symptom]:
    """Whether the database answers at all, and the portal enters as it may; the rest is asked only where it does."""
    try:
        with reading(SYSTEM) as session:
            condition.clock(session)
    except NoWallError:
        yield Symptom(Sign.DATABASE_SUPERUSER, Severity.ERROR)
    except SQLAlchemyError:
        yield Symptom(Sign.DATABASE_AWAY, Severity.ERROR)


def _database(clock: Clock) -> Iterator[Symptom]:
    with reading(SYSTEM) as session:
        now, there, last = clock(), condition.clock(session), condition.last_event_at(session)
    skew = abs(there - now) if there else timedelta()
    if skew > _SKEW:
        severity = Severity.ERROR if skew > _WRONG else Severity.WARNING
        yield Symptom(Sign.DATABASE_CLOCK, severity, {"seconds": f"{skew.total_seconds():.0f}"})
    if last and last > now + _WRONG:
        yield Symptom(Sign.CLOCK_WENT_BACK, Severity.ERROR, {"last": last.isoformat(timespec="seconds")})


def _mail(queue: Queue) -> Iterator[Symptom]:
    ready, standing = queue.readiness.look(), queue.standing(None)
    if not ready.delivers:
        yield Symptom(Sign.NOBODY_DELIVERS, Severity.WARNING)
    if ready.is_late:
        yield Symptom(Sign.MAIL_LATE, Severity.WARNING)
    if standing.hold:
        yield Symptom(Sign.QUEUE_HELD, Severity.WARNING, {"since": standing.hold.since.isoformat(timespec="minutes")})
    if standing.restored.recipients:
        yield Symptom(Sign.RESTORED_HELD, Severity.WARNING, {"count": str(standing.restored.recipients)})


def _hosts() -> Iterator[Symptom]:
    with reading(SYSTEM) as session:
        count = brand_hosts.count_waiting(session)
    if count:
        yield Symptom(Sign.HOSTS_WAIT, Severity.NOTE, {"count": str(count)})
