"""Knows how header fields are written: RFC 5322 folding, RFC 2047 words, display names and RFC 2231 parameters."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_from_bytes

from portal.domain.addresses import canonical_address
from portal.mail.charsets import Spelling, encode
from portal.mail.encoded_words import LONGEST_LINE, LONGEST_WORD, encoded_words
from portal.mail.refusals import UnwritableError

# A run without blanks longer than this cannot stand on a line of 998 octets (RFC 5322 §2.1.1) beside a field name.
_LONGEST_RUN = 900
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_RUN = re.compile(r" *[^ ]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,250}@[A-Za-z0-9.-]{1,255}>\Z")

_LIST_ID = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,7}\Z")
_WAY_OFF = re.compile(r"(?:https://|mailto:)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@:;()\[\]-]{1,600}\Z")
_CONTENT_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]{1,120}\Z")

_SHORT_VALUE = re.compile(r'[^"\\]{0,50}\Z')
# RFC 2231 §7 attribute-char; letters, digits and "_.-~" are left alone by `quote_from_bytes` anyway.
_ATTRIBUTE_MARKS = "!#$&+^`{|}"
# Fifteen octets are at most 45 characters, which leaves room for ` filename*999*=big5-hkscs''`.
_SECTION = re.compile(r"(?:%..|[^%]){1,15}")


class NamedAddress(NamedTuple):
    """An address and the spelling of its display name, which may be empty."""

    address: str
    name: Spelling


def unstructured(field: str, spelling: Spelling) -> str:
    """Write a field of free text, such as Subject. Raises UnwritableError for control characters."""
    text = spelling.text
    if text.isascii() and text.isprintable() and len(field) + len(text) < LONGEST_LINE - 2 and "=?" not in text:
        return f"{field}: {text}\r\n" if text else f"{field}:\r\n"
    _ensure_one_line(text)
    runs = _RUN.findall(f" {text}")
    if _needs_words(text, runs):
        runs = _words(spelling, first=_room_after(field))
    return folded(field, runs)


def address_list(field: str, addresses: Sequence[NamedAddress]) -> str:
    """Write From, To or Reply-To. Raises UnwritableError for an empty list or an address that is not canonical."""
    return _address_list(field, tuple(addresses))


@lru_cache(maxsize=1024)  # a sender writes mail after mail under one name
def _address_list(field: str, addresses: tuple[NamedAddress, ...]) -> str:
    if not addresses:
        raise UnwritableError(f"{field}: nobody")
    tokens: list[str] = []
    for each in addresses:
        if tokens:
            tokens[-1] += ","
        tokens += _phrase(each.name, first=LONGEST_WORD if tokens else _room_after(field))
        tokens.append(_address(each))
    return folded(field, tokens)


def parameterised(field: str, value: str, parameters: Mapping[str, Spelling]) -> str:
    """Write a MIME field such as Content-Disposition with its parameters (RFC 2231 where ASCII is not enough)."""
    tokens = [f" {value}"]
    for name, spelling in parameters.items():
        _ensure_one_line(spelling.text)
        for token in _parameter(name, spelling):
            tokens[-1] += ";"
            tokens.append(token)
    return folded(field, tokens)


def date(moment: datetime) -> str:
    """Write the Date field of an aware moment, to the second (RFC 5322 §3.3)."""
    return _date(moment.replace(microsecond=0))


@lru_cache(maxsize=256)
def _date(moment: datetime) -> str:
    return f"Date: {format_datetime(moment)}\r\n"


def message_id(identifier: str) -> str:
    """Write the Message-ID field; `identifier` comes with its angle brackets. Raises UnwritableError."""
    if not _MESSAGE_ID.match(identifier):
        raise UnwritableError("Message-ID: not an identifier")
    return f"Message-ID: {identifier}\r\n"


def list_id(identifier: str) -> str:
    """Write the List-Id field (RFC 2919). Raises UnwritableError for what is not written like a domain name."""
    if not _LIST_ID.match(identifier):
        raise UnwritableError("List-Id: not an identifier")
    return folded("List-Id", [f" <{identifier}>"])


def list_unsubscribe(addresses: Sequence[str]) -> str:
    """Write the List-Unsubscribe field (RFC 2369). Raises UnwritableError for what is no https: or mailto: address."""
    if not addresses or not all(map(_WAY_OFF.match, addresses)):
        raise UnwritableError("List-Unsubscribe: not an address")
    return folded("List-Unsubscribe", [f" <{each}>," for each in addresses[:-1]] + [f" <{addresses[-1]}>"])


def content_id(identifier: str) -> str:
    """Write the Content-ID field of a part (RFC 2045 §7). Raises UnwritableError."""
    if not _CONTENT_ID.match(identifier):
        raise UnwritableError("Content-ID: not an identifier")
    return folded("Content-ID", [f" <{identifier}>"])


def folded(field: str, tokens: Sequence[str]) -> str:
    """Join a field name and tokens, each with its leading blanks, into lines of 76 where the tokens allow it.

    Lines break only before a token and never right after the name, so that unfolding (RFC 5322 §2.2.3) gives
    the same text and no line is blank.
    """
    lines = [f"{field}:"]
    for number, token in enumerate(tokens):
        if number and len(lines[-1]) + len(token) > LONGEST_LINE:
            lines.append("")
        lines[-1] += token
    return "".join(f"{line}\r\n" for line in lines)


def _ensure_one_line(text: str) -> None:
    if _CONTROL.search(text):
        raise UnwritableError("control character in a header")


def _needs_words(text: str, runs: Sequence[str]) -> bool:
    return not text.isascii() or "=?" in text or any(len(run) > _LONGEST_RUN for run in runs)


def _words(spelling: Spelling, *, first: int) -> list[str]:
    return [f" {word}" for word in encoded_words(spelling, first=first)]


def _room_after(field: str) -> int:
    return min(LONGEST_WORD, LONGEST_LINE - len(f"{field}: "))


def _phrase(name: Spelling, *, first: int) -> list[str]:
    text = name.text
    _ensure_one_line(text)
    if not text:
        return []
    if not _ATOMS.match(text):
        text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    runs = _RUN.findall(f" {text}")
    return _words(name, first=first) if _needs_words(text, runs) else runs


def _address(mailbox: NamedAddress) -> str:
    try:
        is_canonical = canonical_address(mailbox.address) == mailbox.address
    except ValueError:
        is_canonical = False
    if not is_canonical:
        raise UnwritableError("not a canonical address")
    return f" <{mailbox.address}>" if mailbox.name.text else f" {mailbox.address}"


def _parameter(name: str, spelling: Spelling) -> list[str]:
    text = spelling.text
    if text.isascii() and _SHORT_VALUE.match(text) and "=?" not in text:
        return [f' {name}="{text}"']
    octets = quote_from_bytes(encode(text, spelling.label), safe=_ATTRIBUTE_MARKS)
    whole = f" {name}*={spelling.label}''{octets}"
    if len(whole) < LONGEST_LINE:
        return [whole]
    sections = _SECTION.findall(octets)
    sections[0] = f"{spelling.label}''{sections[0]}"
    return [f" {name}*{number}*={section}" for number, section in enumerate(sections)]
