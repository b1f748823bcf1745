"""Knows the time zones that somebody may choose, and what they are called in each language."""

from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every place of the time zone database that CLDR knows and this machine, too."""
    known = {name for name in get_global("zone_territories") if "/" in name and not name.startswith("Etc/")}
    return frozenset(known & available_timezones())


def zone_of(name: str) -> tzinfo:
    """The zone with this name; UTC for an empty one, and for one that this machine does not know any more."""
    return ZoneInfo(name) if name in zone_names() else UTC


@lru_cache(maxsize=8)
def zone_choices(language: str) -> tuple[tuple[str, str], ...]:
    """Name and label of each, by label: the country and the city, `Deutschland, Berlin`. UTC comes first, unnamed."""
    locale = Locale.parse(language)
    places = [(name, _label(name, locale)) for name in zone_names()]
    return ("", "UTC"), *sorted(places, key=lambda place: place[1].casefold())


def _label(name: str, locale: Locale) -> str:
    country = locale.territories.get(get_global("zone_territories")[name], "")
    city = str(get_timezone_location(name, locale=locale, return_city=True))
    return f"{country}, {city}" if country and country != city else city
