"""Knows how moments, days and numbers are written in the language and at the time of the moment."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format, get_timezone_name

from portal.i18n import Voice, current_voice, in_digits

_LONGEST_SHORT_NAME = 5


def moment(at: datetime) -> str:
    """Day, time and the short name of the zone that they are of: `2 Mar 2026, 09:00 UTC`."""
    voice = current_voice()
    there = at.astimezone(voice.zone)
    joined = _joined(voice.locale).replace("{1}", _day(there.date(), voice.locale))
    return f"{joined.replace('{0}', _clock(there.hour, there.minute, voice.locale))} {_zone_name(there, voice)}"


def day(at: datetime) -> str:
    """The day alone, which may be another one elsewhere."""
    voice = current_voice()
    return _day(at.astimezone(voice.zone).date(), voice.locale)


def calendar_day(day: date) -> str:
    """A day that is the same for everybody, such as that of a certificate."""
    return _day(day, current_voice().locale)


def number(value: float) -> str:
    """With the marks that the language puts between thousands and before a fraction."""
    return in_digits(value, current_voice().locale)


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


# A list has fifty moments, and most of what they are made of stands in all of them: each part is put in words once.
_few, _many = lru_cache(maxsize=256), lru_cache(maxsize=4096)


@_few
def _joined(locale: Locale) -> str:
    """How a day and a time stand together."""
    return str(get_datetime_format("medium", locale=locale))


@_many
def _day(day: date, locale: Locale) -> str:
    return str(format_date(day, "medium", locale=locale))


@_many
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return str(format_time(time(hour, minute), "short", locale=locale))


# No more of them than zones, seasons and languages.
_zone_names: dict[tuple[object, ...], str] = {}


def _zone_name(there: datetime, voice: Voice) -> str:
    if voice.zone is UTC:
        return "UTC"
    key = voice.zone, there.utcoffset(), there.dst(), voice.locale
    if key not in _zone_names:
        _zone_names[key] = _short_name(there, voice.locale)
    return _zone_names[key]


def _short_name(there: datetime, locale: Locale) -> str:
    """`MEZ` where the language has such a name for it, and else the distance from UTC, which everybody understands."""
    name = str(get_timezone_name(there, width="short", locale=locale))
    if name[0] not in "+-" and len(name) <= _LONGEST_SHORT_NAME:
        return name
    offset = f"{there:%z}"
    return f"UTC{offset[:3]}:{offset[3:]}"
