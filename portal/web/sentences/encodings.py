"""Knows for which languages each character encoding is meant."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.i18n import gettext as _

Word = Callable[[], str]


def charset_name(label: str) -> str:
    """The label as it stands in a mail, with its languages in brackets; an unknown label as it is."""
    languages = _LANGUAGES.get(label)
    return f"{label} ({languages()})" if languages else label


def _western() -> str:
    return _("Western European")


def _central() -> str:
    return _("Central European")


def _baltic() -> str:
    return _("Baltic")


def _cyrillic() -> str:
    return _("Cyrillic")


def _arabic() -> str:
    return _("Arabic")


def _greek() -> str:
    return _("Greek")


def _hebrew() -> str:
    return _("Hebrew")


def _turkish() -> str:
    return _("Turkish")


def _thai() -> str:
    return _("Thai")


def _japanese() -> str:
    return _("Japanese")


def _korean() -> str:
    return _("Korean")


_LANGUAGES: Mapping[str, Word] = MappingProxyType(
    {
        "utf-8": lambda: _("every language"),
        "us-ascii": lambda: _("English without accents"),
        "iso-8859-1": _western,
        "iso-8859-2": _central,
        "iso-8859-3": lambda: _("Maltese, Esperanto"),
        "iso-8859-4": _baltic,
        "iso-8859-5": _cyrillic,
        "iso-8859-6": _arabic,
        "iso-8859-7": _greek,
        "iso-8859-8": _hebrew,
        "iso-8859-9": _turkish,
        "iso-8859-10": lambda: _("Nordic"),
        "iso-8859-11": _thai,
        "iso-8859-13": _baltic,
        "iso-8859-14": lambda: _("Celtic"),
        "iso-8859-15": lambda: _("Western European with €"),
        "iso-8859-16": lambda: _("South-Eastern European"),
        "windows-1250": _central,
        "windows-1251": _cyrillic,
        "windows-1252": _western,
        "windows-1253": _greek,
        "windows-1254": _turkish,
        "windows-1255": _hebrew,
        "windows-1256": _arabic,
        "windows-1257": _baltic,
        "windows-1258": lambda: _("Vietnamese"),
        "windows-874": _thai,
        "koi8-r": lambda: _("Russian"),
        "koi8-u": lambda: _("Ukrainian"),
        "iso-2022-jp": _japanese,
        "shift_jis": _japanese,
        "windows-31j": _japanese,
        "euc-jp": _japanese,
        "gb2312": lambda: _("Simplified Chinese"),
        "gbk": lambda: _("Simplified and Traditional Chinese"),
        "gb18030": lambda: _("Chinese and every other language"),
        "big5": lambda: _("Traditional Chinese"),
        "big5-hkscs": lambda: _("Traditional Chinese, Hong Kong"),
        "euc-kr": _korean,
        "iso-2022-kr": _korean,
        "tis-620": _thai,
    }
)
