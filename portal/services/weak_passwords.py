"""Knows the passwords that are guessed first: the most common ones, and stolen ones where the operator has a list."""

import hashlib
import logging
import os
from functools import cache
from pathlib import Path

_COMMON = Path(__file__).with_name("common_passwords.txt")
# A line is 40 hexadecimal digits, a colon and a count.
_LONGEST_LINE = 100
_DIGITS = 40
_logger = logging.getLogger(__name__)


def is_common(password: str) -> bool:
    """Whether it is, in small letters, among the 10,000 most common ones of eight characters or more (ASVS 6.2.4)."""
    return password.casefold() in _common()


def is_stolen(password: str, ordered: Path) -> bool:
    """Whether its SHA-1 stands in a file of them, ordered by hash, as Have I Been Pwned publishes it (ASVS 6.2.12).

    A file that cannot be read any more refuses nothing; the log says so.
    """
    wanted = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
    try:
        with ordered.open("rb") as file:
            low, high = 0, file.seek(0, os.SEEK_END)
            while low < high:
                start, line = _line_around(file.fileno(), (low + high) // 2)
                found = line[:_DIGITS].decode("ascii", "replace").upper()
                if found == wanted:
                    return True
                low, high = (start + len(line), high) if found < wanted else (low, start)
    except OSError as failure:
        _logger.error("the list of stolen passwords cannot be read (%s)", failure.strerror)  # noqa: TRY400 - no traceback of it
    return False


def _line_around(file: int, place: int) -> tuple[int, bytes]:
    """The line in which a byte stands, with its end, and where it begins."""
    begin = max(0, place - _LONGEST_LINE)
    piece = os.pread(file, 2 * _LONGEST_LINE, begin)
    start = piece.rfind(b"\n", 0, place - begin) + 1
    end = piece.find(b"\n", place - begin)
    return begin + start, piece[start : end + 1 if end >= 0 else len(piece)]


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())
