"""Knows RFC 2047: how a text becomes encoded words that any reader can decode one by one."""

import base64
import string
import unicodedata
from collections.abc import Callable, Iterator

from portal.mail.charsets import Spelling, encode

# RFC 2047 §2: an encoded word has at most 75 characters, a line that holds one at most 76.
LONGEST_WORD = 75
LONGEST_LINE = 76

# RFC 2047 §5 (3): the few characters that may stand for themselves even inside a display name.
_LITERAL = (string.ascii_letters + string.digits + "!*+-/").encode()
_Q = [chr(octet) if octet in _LITERAL else f"={octet:02X}" for octet in range(256)]
_Q[0x20] = "_"
_LONGEST_CLUSTER = 4


def encoded_words(spelling: Spelling, *, first: int = LONGEST_WORD) -> list[str]:
    """Return the words of a text that fits its label; `first` is the room for the first of them (at least 60).

    Whitespace between the words is not part of the text (RFC 2047 §6.2). The shorter of B and Q is taken, Q on a tie.
    """
    label = spelling.label
    encoded = encode(spelling.text, label)
    size = _size_of_the_shorter(encoded)
    room = first - len(f"=?{label}?q??=")
    if size(encoded) <= room:
        return [_word(spelling.text, label, in_q=size is _size_in_q)]
    words = []
    chunk = ""
    for cluster in _clusters(spelling.text):
        if chunk and size(encode(chunk + cluster, label)) > room:
            words.append(_word(chunk, label, in_q=size is _size_in_q))
            room = LONGEST_WORD - len(f"=?{label}?q??=")
            chunk = ""
        chunk += cluster
    words.append(_word(chunk, label, in_q=size is _size_in_q))
    return words


def _size_of_the_shorter(encoded: bytes) -> Callable[[bytes], int]:
    return _size_in_q if _size_in_q(encoded) <= _size_in_b(encoded) else _size_in_b


def _size_in_q(encoded: bytes) -> int:
    return len(encoded) + 2 * len(encoded.translate(None, _LITERAL + b" "))


def _size_in_b(encoded: bytes) -> int:
    return (len(encoded) + 2) // 3 * 4


def _clusters(text: str) -> Iterator[str]:
    """Cut between characters, and not before a combining mark: some charsets know it only after its letter."""
    cluster = ""
    for character in text:
        if cluster and (not unicodedata.combining(character) or len(cluster) == _LONGEST_CLUSTER):
            yield cluster
            cluster = ""
        cluster += character
    yield cluster


def _word(chunk: str, label: str, *, in_q: bool) -> str:
    # The codecs of ISO-2022-JP return to ASCII at the end of what they encode, as RFC 2047 §3 demands.
    encoded = encode(chunk, label)
    if in_q:
        return f"=?{label}?q?{''.join(_Q[octet] for octet in encoded)}?="
    return f"=?{label}?b?{base64.b64encode(encoded).decode('ascii')}?="
