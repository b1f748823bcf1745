"""Knows how the content of a part becomes seven-bit lines that no server on the way can misread."""

import binascii
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from portal.mail.charsets import Spelling, encode

# Lines that may go as they are: not over 76 octets, no blank at the end, which servers strip, and none that starts
# with a dot (the end of DATA), like an mbox separator or like a boundary.
# `[^\n]` is what the matcher runs over fastest; what else may not stand there is deleted to be seen.
_HARMLESS = re.compile(rb"(?:(?!\.|From |--=_)[^\n]{0,77}+(?<![\t ]\r)\n)*+\Z")
_BAD_START = re.compile(rb"(?:\A|\n)(?:\.|From )")
_ROW = 57  # octets that make one row of base64 (RFC 2045 §6.8)
_BLOCK = 1024 * _ROW
_LONGEST_ROW = 76

_BREAKS = b"\r\n"
_PLAIN = bytes({*range(0x20, 0x7F), 0x09}) + _BREAKS
_SHIFTED = _PLAIN + b"\x0e\x0f\x1b"
_PRINTABLE = bytes({*range(0x20, 0x7F), 0x09} - {0x3D})
_QP = [bytes([octet]) if octet in _PRINTABLE else b"=%02X" % octet for octet in range(256)]


class Body(NamedTuple):
    """The name of a transfer encoding and the lines of a part in it, in pieces; each line ends in CRLF."""

    transfer_encoding: str
    pieces: Iterable[bytes]


def as_lines(text: str) -> str:
    """Return `text` with LF alone as line end and one at its very end. U+2028 and U+0085 stay characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def text_body(spelling: Spelling) -> Body:
    """Encode a text whose line ends are LF: as it is if every line is harmless, else the shorter encoding.

    Quoted-printable is the shorter one as long as at least 5/6 of the octets stand for themselves.
    """
    encoded = encode(spelling.text.replace("\n", "\r\n"), spelling.label)
    if _is_harmless(encoded, _SHIFTED if spelling.label.startswith("iso-2022-") else _PLAIN):
        return Body("7bit", (encoded,))
    escaped = len(encoded.translate(None, _PRINTABLE + _BREAKS))
    if escaped * 6 <= len(encoded):
        return Body("quoted-printable", (_quoted_printable(encoded),))
    return file_body(encoded)


def file_body(content: bytes) -> Body:
    """Encode arbitrary octets as base64, a block at a time: what is encoded is never there twice."""
    return Body("base64", _base64_blocks(content) if content else (_BREAKS,))


def _is_harmless(encoded: bytes, allowed: bytes) -> bool:
    return not encoded.translate(None, allowed) and _HARMLESS.match(encoded) is not None


def _base64_blocks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _BLOCK):
        block = binascii.b2a_base64(content[start : start + _BLOCK], newline=False)
        rows = [block[row : row + _LONGEST_ROW] for row in range(0, len(block), _LONGEST_ROW)]
        yield _BREAKS.join(rows) + _BREAKS


def _quoted_printable(encoded: bytes) -> bytes:
    """By the C encoder, or by hand where that makes a line that is dangerous or too long.

    It knows nothing of mbox separators, nor of dots behind a soft break, and an escaped blank at the end may be one
    character too many.
    """
    quoted = binascii.b2a_qp(encoded)
    if not _BAD_START.search(quoted) and max(map(len, quoted.split(_BREAKS))) <= _LONGEST_ROW:
        return quoted
    lines = encoded.removesuffix(_BREAKS).split(_BREAKS)
    return b"".join(_quoted_line(line) + _BREAKS for line in lines)


def _quoted_line(line: bytes) -> bytes:
    """Write one line as rows of at most 76 characters, joined by soft breaks (RFC 2045 §6.7)."""
    rows = [bytearray()]
    for position, octet in enumerate(line):
        token = _escaped(octet) if _is_trailing_blank(line, position) else _QP[octet]
        if len(rows[-1]) + len(token) >= _LONGEST_ROW:
            rows.append(bytearray())
        if not rows[-1] and line.startswith((b".", b"From "), position):
            token = _escaped(octet)
        rows[-1] += token
    return b"=\r\n".join(rows)


def _is_trailing_blank(line: bytes, position: int) -> bool:
    return position == len(line) - 1 and line[position] in b" \t"


def _escaped(octet: int) -> bytes:
    return b"=%02X" % octet
