"""Knows how to prove that finished bytes are one correct mail that says what was meant; trusts no writer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime

from portal.domain.charset import CODECS
from portal.domain.outgoing import Mailbox
from portal.mail.refusals import UnwritableError

_LONGEST_LINE = 998  # RFC 5322 §2.1.1, in octets and without CRLF
_LONGEST_LINE_WITH_WORD = 76  # RFC 2047 §2
_LONGEST_WORD = 75
_LONE_BREAK = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_FIELD_NAME = re.compile(r"([A-Za-z-]+):(?: |\Z)")
_WORD = re.compile(r"(?<![^ ])=\?[^? ]+\?[bBqQ]\?[^? ]*\?=(?![^ ])")
_PART_FIELDS = frozenset({"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"})


@dataclass(frozen=True, slots=True)
class ExpectedText:
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    media_type: str
    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ExpectedMail:
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

    def mailboxes(self) -> Iterator[Mailbox]:
        yield self.sender
        yield from self.recipients
        if self.reply_to:
            yield self.reply_to


def verify(content: bytes, expected: ExpectedMail) -> None:
    """Raise UnwritableError, naming the first violation, unless `content` is exactly the expected mail."""
    head, _, body = content.partition(b"\r\n\r\n")
    _check_octets(content)
    _check_seven_bits(head, body, expected)
    _check_body_lines(body)
    try:
        _check_meaning(head.decode(), BytesParser().parsebytes(content), expected)
    except (ValueError, TypeError, LookupError, HeaderParseError) as error:
        raise UnwritableError("cannot be read back") from error


def _demand(condition: object, violation: str) -> None:
    if not condition:
        raise UnwritableError(violation)


def _check_octets(content: bytes) -> None:
    _demand(content.endswith(b"\r\n"), "does not end in CRLF")
    _demand(not _LONE_BREAK.search(content), "a bare CR, a bare LF or NUL")
    _demand(max(map(len, content.split(b"\r\n"))) <= _LONGEST_LINE, "a line over 998 octets")


def _check_seven_bits(head: bytes, body: bytes, expected: ExpectedMail) -> None:
    """Only a non-ASCII local part may leave seven bits, inside its own address (RFC 6532)."""
    for mailbox in expected.mailboxes():
        head = head.replace(mailbox.address.encode(), b"")
    _demand(head.isascii() and body.isascii(), "an octet over 127")


def _check_body_lines(body: bytes) -> None:
    _demand(b"\r\n." not in b"\r\n" + body, "a body line that starts with a dot")
    _demand(b"\r\nFrom " not in b"\r\n" + body, "a body line that starts an mbox entry")


def _check_meaning(head: str, message: Message, expected: ExpectedMail) -> None:
    _check_fields(head, message, expected)
    _check_headers(message, expected)
    _check_structure(message, expected)
    _check_parts(message, expected)


def _check_fields(head: str, message: Message, expected: ExpectedMail) -> None:
    """Field names, their order and number, by our own reading of the lines and by the parser's."""
    lines = head.split("\r\n")
    _demand(all(line.strip(" \t") for line in lines), "a blank line in the header")
    names = [_name_of(line) for line in lines if not line.startswith((" ", "\t"))]
    _demand(names == message.keys() == _intended(message, expected), "other header fields than intended")
    for line in lines:
        words = _WORD.findall(line)
        _demand(all(len(word) <= _LONGEST_WORD for word in words), "an encoded word over 75 characters")
        _demand(not words or len(line) <= _LONGEST_LINE_WITH_WORD, "a line with an encoded word over 76 characters")


def _name_of(line: str) -> str:
    match = _FIELD_NAME.match(line)
    return match[1] if match else ""


def _intended(message: Message, expected: ExpectedMail) -> list[str]:
    return [
        *("From", "To", "Subject", "Date", "Message-ID"),
        *(["Reply-To"] if expected.reply_to else []),
        *(["Auto-Submitted"] if expected.auto_submitted else []),
        *("MIME-Version", "Content-Type"),
        *([] if message.is_multipart() else ["Content-Transfer-Encoding"]),
    ]


def _check_headers(message: Message, expected: ExpectedMail) -> None:
    _demand(_mailboxes(message, "From") == [expected.sender], "another From")
    _demand(_mailboxes(message, "To") == list(expected.recipients), "another To")
    _demand(_mailboxes(message, "Reply-To") == ([expected.reply_to] if expected.reply_to else []), "another Reply-To")
    _demand(_decoded(_field(message, "Subject")) == expected.subject, "another Subject")
    _demand(_field(message, "Message-ID") == expected.message_id, "another Message-ID")
    _demand(_field(message, "Auto-Submitted") == "auto-generated" * expected.auto_submitted, "another Auto-Submitted")
    _demand(parsedate_to_datetime(_field(message, "Date")) == expected.date, "another Date")


def _field(message: Message, name: str) -> str:
    """Return a field unfolded, its UTF-8 restored; the parser hides octets over 127 as surrogates."""
    value = dict(message.raw_items()).get(name, "")
    return str(value).encode("ascii", "surrogateescape").decode().replace("\r\n", "").strip(" ")


def _mailboxes(message: Message, name: str) -> list[Mailbox]:
    value = _field(message, name)
    pairs = getaddresses([value]) if value else []
    return [Mailbox(address, _decoded(phrase)) for phrase, address in pairs]


def _decoded(value: str) -> str:
    pieces = decode_header(value)
    return "".join(piece if isinstance(piece, str) else piece.decode(_codec(label)) for piece, label in pieces)


def _codec(label: str | None) -> str:
    if label is None:
        return "ascii"
    _demand(label in CODECS, "a charset that is not offered")
    return CODECS[label]


def _check_structure(message: Message, expected: ExpectedMail) -> None:
    for part in message.walk():
        _demand(not part.defects, "a defect in the MIME structure")
        _demand(not part.preamble and not part.epilogue, "something outside the parts")
        names = part.keys()
        _demand(part is message or set(names) <= _PART_FIELDS, "a part with other fields than intended")
        _demand(len(names) == len(set(names)), "a field twice")
    containers = [part.get_content_subtype() for part in message.walk() if part.is_multipart()]
    intended = ["mixed"] * bool(expected.files) + ["alternative"] * (len(expected.texts) > 1)
    _demand(containers == intended, "parts nested otherwise than intended")


def _check_parts(message: Message, expected: ExpectedMail) -> None:
    leaves = [part for part in message.walk() if not part.is_multipart()]
    texts = [_text_of(part) for part in leaves if not part.get_content_disposition()]
    files = [_file_of(part) for part in leaves if part.get_content_disposition()]
    _demand(texts == list(expected.texts), "another text")
    _demand(files == list(expected.files), "other attachments")


def _text_of(part: Message) -> ExpectedText:
    text = _octets_of(part).decode(_codec(str(part.get_param("charset"))))
    return ExpectedText(part.get_content_type(), text.replace("\r\n", "\n"))


def _file_of(part: Message) -> ExpectedFile:
    name = part.get_param("filename", "", "content-disposition")
    if isinstance(name, tuple):  # RFC 2231: charset, language, octets as Latin-1
        label, _, octets = name
        name = octets.encode("latin-1").decode(_codec(label))
    return ExpectedFile(part.get_content_type(), str(name), _octets_of(part))


def _octets_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise UnwritableError("a part without content")
    return payload
