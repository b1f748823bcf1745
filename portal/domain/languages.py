"""Knows the languages: those in which mails can be worded, and the few in which the portal itself speaks."""

from collections.abc import Mapping
from types import MappingProxyType

DEFAULT_LANGUAGE = "en"
# By their ISO 639 code, each in its own name, so that whoever reads it finds it.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "ar": "العربية",
        "cs": "čeština",
        "da": "dansk",
        "de": "Deutsch",
        "el": "Ελληνικά",
        "es": "español",
        "fr": "français",
        "it": "italiano",
        "ja": "日本語",
        "nl": "Nederlands",
        "pl": "polski",
        "pt": "português",
        "ro": "română",
        "ru": "русский",
        "sv": "svenska",
        "tr": "Türkçe",
        "uk": "українська",
        "zh": "中文",
    }
)
# English is the source; each of the others has a complete catalogue under `portal/i18n/catalogs`.
SPOKEN: Mapping[str, str] = MappingProxyType({code: LANGUAGES[code] for code in ("en", "ar", "de", "es", "fr")})


def spoken(language: str) -> str:
    """The language itself where the portal speaks it, or else English."""
    return language if language in SPOKEN else DEFAULT_LANGUAGE
