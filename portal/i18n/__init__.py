"""Knows the language of the moment: every visible string passes through here."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import cast

from babel import Locale
from babel.numbers import format_decimal
from babel.support import LazyProxy, NullTranslations


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody is spoken to: in which language (an ISO 639 code), with which catalogue, at whose time.

    `isolates` puts marks around what is filled in where the writing runs from right to left, so that a name or an
    address in Latin letters stays in one piece (Unicode UAX #9). Pages want that; mails have to fit an encoding.
    """

    language: str
    translations: NullTranslations
    zone: tzinfo = UTC
    isolates: bool = False

    @property
    def locale(self) -> Locale:
        """How dates and numbers are written. English without a country is that of the world: 2 Mar 2026, 14:05."""
        return _locale("en_GB" if self.language == "en" else self.language)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as HTML has them."""
        return _direction(self.language)


@lru_cache(maxsize=32)
def _direction(language: str) -> str:
    return str(_locale(language).text_direction)


@lru_cache(maxsize=32)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


ENGLISH = Voice("en", NullTranslations())
_find: ContextVar[Callable[[], Voice]] = ContextVar("voice")


def gettext(message: str, /, **values: object) -> str:
    """Return `message` in the language of the moment, with `%(name)s` filled from `values`."""
    text = str(current_voice().translations.ugettext(message))
    return text % isolated(values) if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> str:
    """Like `gettext`, choosing the plural form for `number`, which fills `%(number)s` as the language writes it."""
    voice = current_voice()
    text = str(voice.translations.ungettext(singular, plural, number))
    return text % {"number": in_digits(number, voice.locale), **isolated(values)}


@lru_cache(maxsize=4096, typed=True)
def in_digits(value: float, locale: Locale) -> str:
    """A number as people of this language write it; a list writes the same few again and again."""
    return str(format_decimal(value, locale=locale))


def lazy_gettext(message: str, /, **values: object) -> str:
    """A text that is translated when it is shown, for labels written at import."""
    return cast("str", LazyProxy(gettext, message, enable_cache=False, **values))


def isolated(values: Mapping[str, object]) -> Mapping[str, object]:
    """The values for a sentence of the moment, each text among them in one piece."""
    voice = current_voice()
    if not voice.isolates or voice.direction == "ltr":
        return values
    return {name: f"\u2068{value}\u2069" if isinstance(value, str) else value for name, value in values.items()}


@contextmanager
def speaking(voice: Voice) -> Iterator[None]:
    """Use this voice for everything inside the block."""
    token = _find.set(lambda: voice)
    try:
        yield
    finally:
        _find.reset(token)


def speak(find: Callable[[], Voice]) -> None:
    """From now on ask `find` each time, so that nobody is looked up for what says nothing."""
    _find.set(find)


def current_voice() -> Voice:
    found = _find.get(None)
    return found() if found else ENGLISH
