"""Knows how fast mail may leave: so many a minute through a configuration, or for a company, and not one more."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.ids import TenantId
from portal.domain.outgoing import Lane
from portal.domain.signals import Signal
from portal.store import limits, mail_configs, outbox, usable_configs

_WINDOW = timedelta(minutes=1)
_MOST_COUNTED = 10_000  # a minute: as many as a configuration can be limited to


def next_turn(session: Session, config: usable_configs.Usable | None, now: datetime) -> datetime | None:
    """When the next mail may leave through a configuration, or None where that is now.

    Call it under the write lock: attempts are written in the same transaction, so senders side by side cannot both
    take the last place of a minute.
    """
    limit = config.pace.limit(config.draft.per_minute) if config else 0
    if config is None or not limit:
        return None
    begun = outbox.begun_between(session, config.id, now - _WINDOW, now, most=limit)
    return begun[-1] + _WINDOW if len(begun) == limit else None


def companys_turn(session: Session, tenant_id: TenantId, lane: Lane, now: datetime, *, most: int) -> datetime | None:
    """When the next mail of a company may leave, or None where that is now; that takes one of its places in the minute.

    A minute begins with the first mail after the last minute is over. Mail that somebody waits for takes a place and
    waits for none. 0 is no limit.
    """
    if not most:
        return None
    limits.lock(session, key := f"mail:{tenant_id}")
    count, end = limits.take(session, key, _WINDOW, now)
    if count <= most or lane is Lane.INTERACTIVE:
        return None
    limits.give_back(session, key)
    return end


def keep_pace(
    session: Session, config: usable_configs.Usable, signals: Collection[Signal], now: datetime, *, was_taken: bool
) -> None:
    """Halve the speed where the server asks for less; a little faster with each mail that `was_taken`."""
    if Signal.SLOWER in signals:
        lately = len(outbox.begun_between(session, config.id, now - _WINDOW, now, most=_MOST_COUNTED))
        slower = config.pace.slowed(lately=lately, limit=config.draft.per_minute, now=now)
        mail_configs.write_pace(mail_configs.get_by_id(session, config.id), slower)
    elif was_taken and config.pace.slowed_to is not None:
        mail_configs.write_pace(mail_configs.get_by_id(session, config.id), config.pace.after_success())
