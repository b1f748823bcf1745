"""Knows how the content of a part becomes seven-bit lines that no server on the way can misread."""

import base64
import re
from dataclasses import dataclass

from portal.mail.charsets import Spelling, encode

_LONGEST_LINE = 76
# A line may go as it is unless it starts with a dot (the end of DATA), "From " (an mbox separator) or what a
# boundary starts with, or ends in blanks, which servers strip.
_PLAIN = re.compile(rb"(?!\.|From |--=_)[\t -~]{0,76}(?<![\t ])\Z")
_SHIFTED = re.compile(rb"(?!\.|From |--=_)[\t -~\x0e\x0f\x1b]{0,76}(?<![\t ])\Z")

_PRINTABLE = bytes({*range(0x20, 0x7F), 0x09} - {0x3D})
_QP = [bytes([octet]) if octet in _PRINTABLE else b"=%02X" % octet for octet in range(256)]


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of a part, each ending in CRLF, and the name of their transfer encoding."""

    transfer_encoding: str
    content: bytes


def as_lines(text: str) -> str:
    """Return `text` with LF alone as line end and one at its very end. U+2028 and U+0085 stay characters."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return unified if unified.endswith("\n") else f"{unified}\n"


def text_body(spelling: Spelling) -> Body:
    """Encode a text whose line ends are LF: as it is if every line is harmless, else the shorter encoding.

    Quoted-printable is the shorter one as long as at least 5/6 of the octets stand for themselves.
    """
    encoded = encode(spelling.text.replace("\n", "\r\n"), spelling.label)
    harmless = _SHIFTED if spelling.label.startswith("iso-2022-") else _PLAIN
    if all(harmless.match(line) for line in encoded.split(b"\r\n")):
        return Body("7bit", encoded)
    escaped = len(encoded.translate(None, _PRINTABLE + b"\r\n"))
    if escaped * 6 <= len(encoded):
        return Body("quoted-printable", _quoted_printable(encoded))
    return file_body(encoded)


def file_body(content: bytes) -> Body:
    """Encode arbitrary octets as base64."""
    return Body("base64", base64.encodebytes(content).replace(b"\n", b"\r\n") or b"\r\n")


def _quoted_printable(encoded: bytes) -> bytes:
    lines = encoded.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join(_quoted_line(line) + b"\r\n" for line in lines)


def _quoted_line(line: bytes) -> bytes:
    """Write one line as rows of at most 76 characters, joined by soft breaks (RFC 2045 §6.7)."""
    rows = [bytearray()]
    for position, octet in enumerate(line):
        token = _escaped(octet) if _is_trailing_blank(line, position) else _QP[octet]
        if len(rows[-1]) + len(token) >= _LONGEST_LINE:
            rows.append(bytearray())
        if not rows[-1] and line.startswith((b".", b"From "), position):
            token = _escaped(octet)
        rows[-1] += token
    return b"=\r\n".join(rows)


def _is_trailing_blank(line: bytes, position: int) -> bool:
    return position == len(line) - 1 and line[position] in b" \t"


def _escaped(octet: int) -> bytes:
    return b"=%02X" % octet
