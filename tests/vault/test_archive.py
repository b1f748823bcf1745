"""A sealed file opens whole or not at all."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.vault import archive
from portal.vault.keyring import KeyRing
from portal.vault.vault import SealBrokenError

RING = KeyRing((("new", b"n" * 32), ("old", b"o" * 32)))
PIECE = archive._PIECE


def sealed(content, ring=RING):
    target = io.BytesIO()
    archive.seal(ring, io.BytesIO(content), target)
    return target.getvalue()


def opened(file, ring=RING):
    target = io.BytesIO()
    archive.unseal(ring, io.BytesIO(file), target)
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17])
def test_what_was_sealed_opens_at_every_length(size):
    content = bytes(range(256)) * (size // 256 + 1)

    assert opened(sealed(content[:size])) == content[:size]


def test_an_older_key_of_the_ring_opens_and_a_missing_one_is_named():
    file = sealed(b"content", KeyRing((("old", b"o" * 32),)))

    assert opened(file) == b"content"
    with pytest.raises(SealBrokenError, match="'old'"):
        opened(file, KeyRing((("new", b"n" * 32),)))
    with pytest.raises(SealBrokenError):
        opened(file, KeyRing((("old", b"x" * 32),)))


def test_the_same_content_never_gives_the_same_file():
    assert sealed(b"content") != sealed(b"content")


def test_nothing_of_the_content_shows():
    assert b"a canary" not in sealed(b"a canary" * 100)


FILE = sealed(bytes(2 * PIECE + 100))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(place, change):
    damaged = bytearray(FILE)
    damaged[place] ^= change
    with pytest.raises(SealBrokenError):
        opened(bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(FILE) - 1))
def test_a_file_that_ends_early_anywhere_is_noticed(length):
    with pytest.raises(SealBrokenError):
        opened(FILE[:length])


def test_a_file_cut_off_between_two_pieces_or_with_pieces_in_another_order_is_noticed():
    head = len(FILE) - sum(4 + 16 + size for size in (PIECE, PIECE, 100))
    step = 4 + PIECE + 16
    first, second, last = FILE[head : head + step], FILE[head + step : head + 2 * step], FILE[head + 2 * step :]
    start = FILE[:head]
    assert opened(start + first + second + last) == bytes(2 * PIECE + 100)
    for wrong in (first, first + second, second + first + last, first + last, first + first + second + last):
        with pytest.raises(SealBrokenError):
            opened(start + wrong)


def test_anything_behind_the_end_is_noticed():
    for more in (b"x", b"\x00" * 4, FILE):
        with pytest.raises(SealBrokenError):
            opened(FILE + more)
