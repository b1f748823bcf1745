"""Knows which character encodings are offered and whether a text fits one."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DEFAULT_CHARSET = "utf-8"

# Label on the wire → Python codec. Labels are the names receivers know (IANA), never Python's own aliases.
# Not offered: utf-7, utf-16, utf-32 (their bytes contain NUL, CR or LF), hz, johab.
CODECS: Mapping[str, str] = MappingProxyType(
    {
        "us-ascii": "ascii",
        "utf-8": "utf-8",
        **{f"iso-8859-{part}": f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))},
        **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
        "windows-874": "cp874",
        "koi8-r": "koi8-r",
        "koi8-u": "koi8-u",
        "iso-2022-jp": "iso2022_jp",
        "shift_jis": "shift_jis",
        "windows-31j": "cp932",
        "euc-jp": "euc_jp",
        "gb2312": "gb2312",
        "gbk": "gbk",
        "gb18030": "gb18030",
        "big5": "big5",
        "big5-hkscs": "big5hkscs",
        "euc-kr": "euc_kr",
        "iso-2022-kr": "iso2022_kr",
        "tis-620": "tis-620",
    }
)
# ESC, SO and SI switch the sets of ISO 2022, so they cannot be text there; the codecs let some of them through.
_SHIFTS = frozenset("\x1b\x0e\x0f")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One character that a charset cannot carry, and where it stands (counted from 0)."""

    character: str
    position: int


def is_offered(label: str) -> bool:
    return label in CODECS


def fits(text: str, label: str) -> bool:
    """Whether encoding and decoding again gives the same text; 'no exception' alone is not enough."""
    codec = CODECS[label]
    if label.startswith("iso-2022-") and _SHIFTS.intersection(text):
        return False
    if text.isascii():
        return True  # every charset of the table holds ASCII, octet by octet
    try:
        return text.encode(codec).decode(codec) == text
    except UnicodeError:
        return False


def misfits(text: str, label: str) -> tuple[Misfit, ...]:
    """Every character of `text` that does not survive the charset, in order; empty exactly when `text` fits.

    A combining mark is judged with the letter it follows: big5-hkscs has U+0304 after Ê, but not alone.
    """
    if fits(text, label):
        return ()
    homeless = frozenset(character for character in set(text) if not fits(character, label))
    return tuple(
        Misfit(character, position)
        for position, character in enumerate(text)
        if character in homeless and not (position and _fits_as_mark(text[position - 1 : position + 1], label))
    )


def _fits_as_mark(pair: str, label: str) -> bool:
    return unicodedata.combining(pair[1]) > 0 and fits(pair, label)
