"""Knows how moments, days and numbers are written in the language and at the time of the moment."""

from datetime import UTC, date, datetime, timedelta

from babel.dates import format_date, format_time, get_datetime_format, get_timezone_name
from babel.numbers import format_decimal

from portal.i18n import current_voice

_LONGEST_SHORT_NAME = 5


def moment(at: datetime) -> str:
    """Day, time and the short name of the zone that they are of: `2 Mar 2026, 09:00 UTC`."""
    voice = current_voice()
    joined = str(get_datetime_format("medium", locale=voice.locale)).replace("{1}", day(at)).replace("{0}", _time(at))
    return f"{joined} {_zone_name(at)}"


def day(at: datetime) -> str:
    """The day alone, which may be another one elsewhere."""
    voice = current_voice()
    return str(format_date(at.astimezone(voice.zone), "medium", locale=voice.locale))


def calendar_day(day: date) -> str:
    """A day that is the same for everybody, such as that of a certificate."""
    return str(format_date(day, "medium", locale=current_voice().locale))


def number(value: float) -> str:
    """With the marks that the language puts between thousands and before a fraction."""
    return str(format_decimal(value, locale=current_voice().locale))


def beginning_of(text: str | None) -> datetime | None:
    """The first moment of a day (`YYYY-MM-DD`) where the reader is, or None for what is no day."""
    return _midnight(text, timedelta())


def end_of(text: str | None) -> datetime | None:
    """The first moment of the day after, which may be 23 or 25 hours later; None for what is no day."""
    return _midnight(text, timedelta(days=1))


def _midnight(text: str | None, later: timedelta) -> datetime | None:
    try:
        there = datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=current_voice().zone) + later
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _time(at: datetime) -> str:
    voice = current_voice()
    return str(format_time(at, "short", tzinfo=voice.zone, locale=voice.locale))


def _zone_name(at: datetime) -> str:
    """`MEZ` where the language has such a name for it, and else the distance from UTC, which everybody understands."""
    voice = current_voice()
    if voice.zone is UTC:
        return "UTC"
    there = at.astimezone(voice.zone)
    name = str(get_timezone_name(there, width="short", locale=voice.locale))
    if name[0] not in "+-" and len(name) <= _LONGEST_SHORT_NAME:
        return name
    offset = f"{there:%z}"
    return f"UTC{offset[:3]}:{offset[3:]}"
