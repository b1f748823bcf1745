"""Knows what kind of picture some bytes are and how large it is, by its first bytes alone: nothing is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG's frame headers (ITU-T T.81 §B.1.1.3)
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
ENDINGS: Mapping[str, str] = MappingProxyType({"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"})


@dataclass(frozen=True, slots=True)
class Picture:
    """`kind` is its media type; width and height are pixels."""

    kind: str
    width: int
    height: int


def picture_in(content: bytes) -> Picture:
    """Raises ValueError for what is neither a PNG nor a JPEG nor a WebP, or breaks off before it tells its size."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    raise ValueError("no such picture")


def _png(content: bytes) -> Picture:
    """W3C PNG §11.2.1: the header is the first chunk, and 13 bytes long."""
    if content[8:16] != b"\x00\x00\x00\rIHDR":
        raise ValueError("no header")
    return _picture("image/png", _big(content, 16, 4), _big(content, 20, 4))


def _jpeg(content: bytes) -> Picture:
    """Walk the segments to the frame header. Each says how long it is."""
    at = 2
    while True:
        marker = _big(content, at, 2)
        if marker >> 8 != 0xFF:
            raise ValueError("no marker")
        kind = marker & 0xFF
        if kind == 0xFF:  # a fill byte (ITU-T T.81 §B.1.1.2)
            at += 1
        elif kind in _WITHOUT_LENGTH:
            at += 2
        elif kind in _SIZES:
            return _picture("image/jpeg", _big(content, at + 7, 2), _big(content, at + 5, 2))
        else:
            at += 2 + max(2, _big(content, at + 2, 2))


def _webp(content: bytes) -> Picture:
    """RFC 9649 §2.5 to §2.7: lossy, lossless or extended."""
    match content[12:16]:
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            width, height = _little(content, 26, 2) & 0x3FFF, _little(content, 28, 2) & 0x3FFF
        case b"VP8L" if content[20:21] == b"\x2f":
            bits = _little(content, 21, 4)
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width, height = _little(content, 24, 3) + 1, _little(content, 27, 3) + 1
        case _:
            raise ValueError("no header")
    return _picture("image/webp", width, height)


def _picture(kind: str, width: int, height: int) -> Picture:
    if not width or not height:
        raise ValueError("no size")
    return Picture(kind, width, height)


def _big(content: bytes, at: int, length: int) -> int:
    return int.from_bytes(_whole(content, at, length), "big")


def _little(content: bytes, at: int, length: int) -> int:
    return int.from_bytes(_whole(content, at, length), "little")


def _whole(content: bytes, at: int, length: int) -> bytes:
    found = content[at : at + length]
    if len(found) != length:
        raise ValueError("it breaks off")
    return found
