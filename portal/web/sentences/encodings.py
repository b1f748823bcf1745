"""Knows for which languages each character encoding is meant, and how it is said what one cannot carry."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from portal.domain.charset import is_offered, misfits
from portal.domain.mail_config import MisfitPolicy
from portal.i18n import gettext as _

Word = Callable[[], str]

# How much of a line is looked at, in characters; and how many of those that do not fit are named.
LONGEST_SAMPLE = 200
_MOST_NAMED = 5


def charset_name(label: str) -> str:
    """The label as it stands in a mail, with its languages in brackets; an unknown label as it is."""
    languages = _LANGUAGES.get(label)
    return f"{label} ({languages()})" if languages else label


def fit_sentence(words: Iterable[str], label: str, misfit: str) -> str:
    """Whether these words fit an encoding, and otherwise which characters do not and what happens to the mail then.

    Nothing where there are no words, or for an encoding that is not offered.
    """
    text = " ".join(each for each in words if each.strip())
    if not text or not is_offered(label):
        return ""
    found = list(dict.fromkeys(each.character for each in misfits(text, label)))
    if not found:
        return _("Your own words fit %(charset)s.", charset=label)
    named = ", ".join(_shown(each) for each in found[:_MOST_NAMED]) + (" …" if len(found) > _MOST_NAMED else "")
    if misfit == MisfitPolicy.STRICT.value:
        return _(
            "%(charset)s does not have: %(characters)s. A mail with that is held, and the mail log says why.",
            charset=label,
            characters=named,
        )
    return _(
        "%(charset)s does not have: %(characters)s. What holds that goes out as UTF-8, and the mail log says so.",
        charset=label,
        characters=named,
    )


def _shown(character: str) -> str:
    """A character and its number, because some cannot be seen and others look alike."""
    number = f"U+{ord(character):04X}"
    return f"{character} ({number})" if character.isprintable() and not character.isspace() else number


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
