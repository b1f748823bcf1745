"""A picture is known by its bytes, whatever its name says, and nothing that breaks off or lies makes it stumble."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.pictures import Picture, picture_in


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\x00\x00\x00"


def jpeg(width, height, *, marker=0xC0):
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"\xff\xc0\x00\x00"
    frame = b"\xff\xff" + bytes([marker]) + struct.pack(">HBHHB", 17, 8, height, width, 3)
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9) + comment + frame


def webp(kind, rest):
    return b"RIFF" + bytes(4) + b"WEBP" + kind + bytes(4) + rest


PICTURES = {
    "PNG": (png(640, 480), "image/png"),
    "JPEG": (jpeg(640, 480), "image/jpeg"),
    "progressive JPEG": (jpeg(640, 480, marker=0xC2), "image/jpeg"),
    "lossy WebP": (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)), "image/webp"),
    "lossless WebP": (webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14)), "image/webp"),
    "extended WebP": (webp(b"VP8X", bytes(4) + b"\x7f\x02\x00" + b"\xdf\x01\x00"), "image/webp"),
}


@pytest.mark.parametrize(("content", "kind"), PICTURES.values(), ids=PICTURES)
def test_kind_and_size_are_read_from_the_bytes(content, kind):
    assert picture_in(content + b"rest") == Picture(kind, 640, 480)


@pytest.mark.asvs("5.2.2")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a\x01\0\x01\0",
        b"%PDF-1.7",
        b"\xff\xd8\xffGIF",
        png(0, 1),
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(ValueError, match=r"no|breaks off"):
        picture_in(content)


@pytest.mark.parametrize(("content", "kind"), PICTURES.values(), ids=PICTURES)
def test_what_breaks_off_is_refused(content, kind):
    for length in range(len(content) - (6 if kind in {"image/png", "image/jpeg"} else 0)):
        with pytest.raises(ValueError, match=r"no|breaks off"):
            picture_in(content[:length])


@given(
    start=st.sampled_from([content for content, _kind in PICTURES.values()]),
    rest=st.binary(max_size=200),
    at=st.integers(0, 40),
)
def test_any_bytes_are_answered(start, rest, at):
    with suppress(ValueError):
        picture_in(start[:at] + rest)
