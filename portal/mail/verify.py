"""Knows how to prove that finished bytes are one correct mail that says what was meant; trusts no writer."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from portal.domain.outgoing import Mailbox, MailingList
from portal.mail import reading
from portal.mail.reading import Entity
from portal.mail.refusals import UnwritableError

_BLOCK = 1024 * 1024  # octets that are looked at together: what is made of them is as large for a moment
# What is left when these are gone has to be line ends. ISO 2022 needs three controls (ESC, SO, SI); what of the upper
# half may stand where is another question.
_ALLOWED = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), 0x09, 0x0E, 0x0F, 0x1B})
# RFC 5322 §2.1.1: 998 octets without CRLF; no dot and no mbox separator at the start.
_LINES = re.compile(rb"(?:(?!\.|From )[^\n]{0,999}+\n)*+\Z")
_LONGEST_LINE_WITH_WORD = 76  # RFC 2047 §2
_LONGEST_WORD = 75
_WORD = re.compile(rb"(?<![^ ])=\?[^? ]+\?[bBqQ]\?[^? ]*\?=(?![^ ])")
_TEXT_FIELDS = ("Content-Type", "Content-Transfer-Encoding")
_FILE_FIELDS = ("Content-Type", "Content-Disposition", "Content-Transfer-Encoding")
_SHOWN_FILE_FIELDS = ("Content-Type", "Content-Disposition", "Content-ID", "Content-Transfer-Encoding")


class ExpectedText(NamedTuple):
    """`text` has LF as line end."""

    media_type: str
    text: str


class ExpectedFile(NamedTuple):
    """`content_id` is empty for a file that is not shown inside the HTML."""

    media_type: str
    file_name: str
    content: bytes
    content_id: str = ""


class ExpectedMail(NamedTuple):
    """What the bytes have to say: header texts without blanks at their ends, texts with LF as line end."""

    sender: Mailbox
    recipients: tuple[Mailbox, ...]
    reply_to: Mailbox | None
    subject: str
    message_id: str
    date: datetime
    auto_submitted: bool
    texts: tuple[ExpectedText, ...]
    files: tuple[ExpectedFile, ...]
    mailing_list: MailingList | None = None

    def mailboxes(self) -> Iterator[Mailbox]:
        yield self.sender
        yield from self.recipients
        if self.reply_to:
            yield self.reply_to


def verify(content: bytes, expected: ExpectedMail) -> None:
    """Raise UnwritableError, naming the first violation, unless `content` is exactly the expected mail."""
    _check_octets(content)
    try:
        whole = reading.entity(content, 0, len(content))
        _check_seven_bits(content, whole, expected)
        _check_encoded_words(whole.head)
        _check_parts(content, _check_headers(whole, expected), expected)
    except (ValueError, TypeError, IndexError) as error:
        raise UnwritableError(f"cannot be read back: {error}") from error


def _demand(condition: object, violation: str) -> None:
    if not condition:
        raise UnwritableError(violation)


def _check_octets(content: bytes) -> None:
    """CRLF alone ends a line (RFC 5321 §2.3.8), none is too long, and none can be taken for an end or a beginning."""
    _demand(content.endswith(b"\r\n"), "does not end in CRLF")
    rest = b"".join([content[at : at + _BLOCK].translate(None, _ALLOWED) for at in range(0, len(content), _BLOCK)])
    _demand(rest == b"\r\n" * (len(rest) // 2), "a bare CR, a bare LF or another control character")
    _demand(_LINES.match(content), "a line over 998 octets, or one that starts like an end or a beginning")


def _check_seven_bits(content: bytes, whole: Entity, expected: ExpectedMail) -> None:
    """Only a non-ASCII local part may leave seven bits, inside its own address (RFC 6532)."""
    if content.isascii():
        return
    head = whole.head
    for mailbox in expected.mailboxes():
        head = head.replace(mailbox.address.encode(), b"")
    _demand(head.isascii() and content[whole.start :].isascii(), "an octet over 127")


def _check_encoded_words(head: bytes) -> None:
    if b"=?" not in head:
        return
    for line in head.split(b"\r\n"):
        if b"=?" not in line:
            continue
        words = _WORD.findall(line)
        _demand(all(len(word) <= _LONGEST_WORD for word in words), "an encoded word over 75 characters")
        _demand(not words or len(line) <= _LONGEST_LINE_WITH_WORD, "a line with an encoded word over 76 characters")


def _check_headers(whole: Entity, expected: ExpectedMail) -> Entity:
    """Every field, in its order, and nothing besides; the rest, which tells of the body, is returned."""
    values = iter(whole.fields)
    for name, meant in _meant(expected):
        field, value = next(values, ("", ""))
        _demand(field == name, f"another field than {name}")
        _demand(_read(name, value) == meant, f"another {name}")
    return whole._replace(fields=tuple(values))


def _meant(expected: ExpectedMail) -> list[tuple[str, object]]:
    meant: list[tuple[str, object]] = [
        ("From", (expected.sender,)),
        ("To", expected.recipients),
        ("Subject", expected.subject),
        ("Date", expected.date),
        ("Message-ID", expected.message_id),
    ]
    if expected.reply_to:
        meant.append(("Reply-To", (expected.reply_to,)))
    if expected.auto_submitted:
        meant.append(("Auto-Submitted", "auto-generated"))
    if expected.mailing_list:
        meant += _meant_of_list(expected.mailing_list)
    meant.append(("MIME-Version", "1.0"))
    return meant


def _meant_of_list(mailing_list: MailingList) -> Iterator[tuple[str, object]]:
    yield "List-Id", f"<{mailing_list.id}>"
    yield "List-Unsubscribe", ", ".join(f"<{address}>" for address in mailing_list.unsubscribe)
    if mailing_list.one_click:
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _read(name: str, value: str) -> object:
    match name:
        case "From" | "To" | "Reply-To":
            return reading.mailboxes(value)
        case "Subject":
            return reading.text(value)
        case "Date":
            return _moment(value)
        case _:
            return value


@lru_cache(maxsize=256)
def _moment(value: str) -> datetime:
    return parsedate_to_datetime(value)


def _check_parts(content: bytes, whole: Entity, expected: ExpectedMail) -> None:
    shown = [each for each in expected.files if each.content_id]
    attached = [each for each in expected.files if not each.content_id]
    if not attached:
        _check_texts(content, whole, expected.texts, shown)
        return
    texts, *files = _parts_of(content, whole, "multipart/mixed")
    _check_texts(content, texts, expected.texts, shown)
    _check_files(content, files, attached)


def _check_texts(content: bytes, part: Entity, texts: Sequence[ExpectedText], shown: Sequence[ExpectedFile]) -> None:
    if len(texts) == 1:
        _demand(not shown, "a picture without HTML")
        _check_text(content, part, texts[0])
        return
    plain, rich = _parts_of(content, part, "multipart/alternative")
    _check_text(content, plain, texts[0])
    if shown:
        rich, *pictures = _parts_of(content, rich, "multipart/related")
        _check_files(content, pictures, shown)
    _check_text(content, rich, texts[1])


def _parts_of(content: bytes, whole: Entity, kind: str) -> list[Entity]:
    media_type, parameters = reading.parameters(whole.value("Content-Type"))
    _demand(media_type == kind and len(whole.fields) == 1, "parts nested otherwise")
    return list(reading.parts(content, whole, parameters["boundary"]))


def _check_text(content: bytes, part: Entity, expected: ExpectedText) -> None:
    _demand(part.names == _TEXT_FIELDS, "a text with other fields than intended")
    (_, content_type), (_, transfer_encoding) = part.fields
    media_type, parameters = reading.parameters(content_type)
    _demand(media_type == expected.media_type and parameters.keys() == {"charset"}, "another type of text")
    octets = reading.plain_octets(content, part, transfer_encoding)
    text = octets.decode(reading.codec(parameters["charset"]))
    _demand(text == expected.text.replace("\n", "\r\n"), "another text")


def _check_files(content: bytes, found: Sequence[Entity], expected: Sequence[ExpectedFile]) -> None:
    _demand(len(found) == len(expected), "other files")
    for part, file in zip(found, expected, strict=True):
        _check_file(content, part, file)


def _check_file(content: bytes, part: Entity, expected: ExpectedFile) -> None:
    names = _SHOWN_FILE_FIELDS if expected.content_id else _FILE_FIELDS
    _demand(part.names == names, "a file with other fields than intended")
    _demand(part.value("Content-Type") == expected.media_type, "another type of file")
    _demand(part.value("Content-Transfer-Encoding") == "base64", "another transfer encoding")
    kind, parameters = reading.parameters(part.value("Content-Disposition"))
    _demand(kind == ("inline" if expected.content_id else "attachment"), "another disposition")
    _demand(parameters == ({"filename": expected.file_name} if expected.file_name else {}), "another file name")
    if expected.content_id:
        _demand(part.value("Content-ID") == f"<{expected.content_id}>", "another Content-ID")
    _check_octets_of_file(content, part, memoryview(expected.content))


def _check_octets_of_file(content: bytes, part: Entity, rest: memoryview) -> None:
    for block in reading.base64_blocks(content, part):
        _demand(rest[: len(block)] == block, "another file")
        rest = rest[len(block) :]
    _demand(not rest, "a file that ends early")
