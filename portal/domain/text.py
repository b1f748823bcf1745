"""Knows which text may enter: one normal form, and none of the characters that hide, reorder or break it."""

import unicodedata

from portal.domain.errors import InvalidError, Problem

# Bidirectional overrides and isolates reorder what stands around them (Unicode TR 36 §2.5).
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ALLOWED_CONTROLS = frozenset("\t\n")
# What stands where bytes were no UTF-8, a lone surrogate's among them: nobody typed it.
UNREADABLE = "\ufffd"


def clean_text(text: str, *, multiline: bool = False) -> str:
    """Return `text` in NFC with line ends as LF and no surrounding blanks.

    Raises ValueError with the stable code `bad-character` for NUL, control characters, lone surrogates,
    non-characters, reordering marks and U+FFFD. Tabs and line feeds are allowed when `multiline`.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n") if multiline else text
    for character in unified:
        if not _may_enter(character, multiline=multiline):
            raise ValueError("bad-character")
    return unicodedata.normalize("NFC", unified).strip()


def text_problems(field: str, text: str, *, longest: int, required: bool = True) -> list[Problem]:
    """Judge one line of already cleaned text by presence and length (in characters)."""
    if not text:
        return [Problem(field, "required")] if required else []
    if len(text) > longest:
        return [Problem(field, "too-long", {"longest": longest})]
    return []


def ensure_line(field: str, text: str, *, longest: int) -> str:
    """Clean one line that has to be there. Raises InvalidError at its field."""
    try:
        line = clean_text(text)
    except ValueError:
        raise InvalidError([Problem(field, "bad-character")]) from None
    if problems := text_problems(field, line, longest=longest):
        raise InvalidError(problems)
    return line


def _may_enter(character: str, *, multiline: bool) -> bool:
    if multiline and character in _ALLOWED_CONTROLS:
        return True
    if character in _REORDERING or character == UNREADABLE or _is_noncharacter(ord(character)):
        return False
    return unicodedata.category(character) not in {"Cc", "Cs"}


def _is_noncharacter(code_point: int) -> bool:
    return 0xFDD0 <= code_point <= 0xFDEF or code_point & 0xFFFE == 0xFFFE
