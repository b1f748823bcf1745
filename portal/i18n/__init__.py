"""Knows the language of the moment: every visible string passes through here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

from babel.support import LazyProxy, NullTranslations

_translations: ContextVar[NullTranslations] = ContextVar("translations")
_SOURCE = NullTranslations()


def gettext(message: str, /, **values: object) -> str:
    """Return `message` in the language of the moment, with `%(name)s` filled from `values`."""
    text = str(_current().ugettext(message))
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> str:
    """Like `gettext`, choosing the plural form for `number`, which fills `%(number)s`."""
    text = str(_current().ungettext(singular, plural, number))
    return text % {"number": number, **values}


def lazy_gettext(message: str, /, **values: object) -> str:
    """A text that is translated when it is shown, for labels written at import."""
    return cast("str", LazyProxy(gettext, message, enable_cache=False, **values))


@contextmanager
def speaking(translations: NullTranslations) -> Iterator[None]:
    """Use `translations` for everything inside the block."""
    token = _translations.set(translations)
    try:
        yield
    finally:
        _translations.reset(token)


def _current() -> NullTranslations:
    return _translations.get(_SOURCE)
