"""Knows how a finished mail is read back, and how strictly: whatever this project does not write is no mail to it."""

import binascii
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from portal.domain.charset import CODECS
from portal.domain.outgoing import Mailbox

_WORD = re.compile(r"=\?([a-z0-9_-]+)\?([qb])\?([!->@-~]+)\?=")
_Q_TEXT = re.compile(r"(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PHRASE = rf"(?P<atoms>{_ATOM}(?: {_ATOM})*)|\"(?P<quoted>(?:[^\"\\]|\\[\"\\])*)\""
_MAILBOX = re.compile(rf"(?:(?:{_PHRASE}) <(?P<named>[^<> \",]+)>|(?P<bare>[^<> \",]+))(?:, |\Z)")
_PARAMETER = re.compile(r"; ([a-z]+)(?:\*(\d+))?(\*)?=(?:\"([^\"\\]*)\"|([^\"; ]+))")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_BLOCK = 1024  # rows of base64 that are looked at together
_ROW = 78  # octets: 76 characters (RFC 2045 §6.8) and CRLF


class UnreadableError(ValueError):
    """It is not written in the grammar of this project. The text names the violation."""


class Entity(NamedTuple):
    """A mail or one of its parts: its header fields in order, unfolded, and where its body stands in the whole."""

    head: bytes
    fields: tuple[tuple[str, str], ...]
    start: int
    end: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple([name for name, _ in self.fields])

    def value(self, name: str) -> str:
        """The field's value, or an empty text where there is none. Raises UnreadableError for a field given twice."""
        values = [value for field, value in self.fields if field == name]
        if len(values) > 1:
            raise UnreadableError(f"{name} stands twice")
        return values[0] if values else ""


def entity(content: bytes, start: int, end: int) -> Entity:
    """Read the header of what stands between two positions. Raises UnreadableError."""
    gap = content.find(b"\r\n\r\n", start, end)
    if gap < 0:
        raise UnreadableError("no end of the header")
    head = content[start:gap]
    return Entity(head, tuple(_fields(head.decode())), gap + 4, end)


def parts(content: bytes, whole: Entity, boundary: str) -> Iterator[Entity]:
    """Read the parts of a multipart, which holds nothing outside of them (RFC 2046 §5.1.1). Raises UnreadableError."""
    delimiter = f"--{boundary}".encode()
    position = whole.start
    if not content.startswith(delimiter + b"\r\n", position, whole.end):
        raise UnreadableError("something before the first part")
    while content.startswith(b"\r\n", position + len(delimiter)):
        begin = position + len(delimiter) + 2
        end = content.find(b"\r\n" + delimiter, begin, whole.end)
        if end < 0:
            raise UnreadableError("a boundary that never closes")
        yield entity(content, begin, end)
        position = end + 2
    if content[position + len(delimiter) : whole.end] != b"--\r\n":
        raise UnreadableError("something after the last part")


def text(value: str) -> str:
    """Read free text. Encoded words stand alone or not at all, and each can be decoded by itself (RFC 2047 §6.2)."""
    return "".join(map(_decoded_word, value.split(" "))) if "=?" in value else value


@lru_cache(maxsize=1024)
def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """Read From, To or Reply-To. Raises UnreadableError."""
    found = []
    position = 0
    while position < len(value):
        match = _MAILBOX.match(value, position)
        if match is None:
            raise UnreadableError("no list of mailboxes")
        found.append(Mailbox(match["named"] or match["bare"], _phrase(match)))
        position = match.end()
    return tuple(found)


@lru_cache(maxsize=1024)
def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """Read a MIME field: its value and its parameters, decoded (RFC 2231). Raises UnreadableError."""
    kind, semicolon, rest = value.partition(";")
    sections: dict[str, list[tuple[str | None, str | None, str]]] = {}
    position = 0
    rest = semicolon + rest
    while position < len(rest):
        match = _PARAMETER.match(rest, position)
        if match is None:
            raise UnreadableError("no list of parameters")
        name, number, extended, quoted, token = match.groups()
        sections.setdefault(name, []).append((number, extended, token if quoted is None else quoted))
        position = match.end()
    return kind, MappingProxyType({name: _parameter(found) for name, found in sections.items()})


def plain_octets(content: bytes, leaf: Entity, transfer_encoding: str) -> bytes:
    """Return what a body holds. Raises UnreadableError."""
    body = content[leaf.start : leaf.end]
    match transfer_encoding:
        case "7bit":
            return body
        case "quoted-printable":
            if max(map(len, body.split(b"\r\n"))) > _ROW - 2:
                raise UnreadableError("a row over 76 characters")
            return binascii.a2b_qp(body)
        case "base64":
            return b"".join(base64_blocks(content, leaf))
        case _:
            raise UnreadableError("another transfer encoding")


def base64_blocks(content: bytes, leaf: Entity) -> Iterator[bytes]:
    """Return what base64 holds, a block at a time, so that a large file is never there twice.

    Raises UnreadableError for rows that are not full, except for the last one, and for anything between them.
    """
    for start in range(leaf.start, leaf.end, _ROW * _BLOCK):
        block = content[start : min(start + _ROW * _BLOCK, leaf.end)]
        if block[_ROW - 2 :: _ROW].strip(b"\r") or block[_ROW - 1 :: _ROW].strip(b"\n"):
            raise UnreadableError("a row of base64 that is not full")
        if block.translate(None, _BASE64) != b"\r\n" * -(-len(block) // _ROW):
            raise UnreadableError("something between the rows of base64")
        yield binascii.a2b_base64(block)


def codec(label: str) -> str:
    """Python's name of a charset. Raises UnreadableError for a label that is not offered."""
    if label not in CODECS:
        raise UnreadableError("a charset that is not offered")
    return CODECS[label]


def _fields(head: str) -> Iterator[tuple[str, str]]:
    name, value = "", ""
    for line in head.split("\r\n"):
        if line.isspace() or not line:
            raise UnreadableError("a blank line in the header")
        if line[0] in " \t":
            value += line
            continue
        if name:
            yield name, value
        name, colon, value = line.partition(": ")
        if not colon:
            name, colon, value = line[:-1], line[-1], ""
        if colon not in {": ", ":"}:
            raise UnreadableError("a line that is no field")
    yield name, value


def _phrase(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", match["quoted"])
    return text(match["atoms"] or "")


def _decoded_word(word: str) -> str:
    match = _WORD.fullmatch(word)
    if match is None:
        raise UnreadableError("an encoded word among other text")
    label, encoding, encoded = match.groups()
    if encoding == "b":
        return binascii.a2b_base64(encoded, strict_mode=True).decode(codec(label))
    if not _Q_TEXT.fullmatch(encoded):
        raise UnreadableError("an encoded word with a character that has to be encoded")
    return binascii.a2b_qp(encoded, header=True).decode(codec(label))


def _parameter(sections: list[tuple[str | None, str | None, str]]) -> str:
    if [number for number, _, _ in sections] not in ([None], [str(number) for number in range(len(sections))]):
        raise UnreadableError("a parameter twice or in pieces")
    value = "".join(value for _, _, value in sections)
    if not sections[0][1]:
        return value
    label, _, octets = value.partition("''")
    return unquote_to_bytes(octets).decode(codec(label))
