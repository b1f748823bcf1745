"""Knows how a mail is put together: which fields it has, in which order, and how its parts nest."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Attachment, Mailbox, Outgoing
from portal.mail.bodies import Body, as_lines, file_body, text_body
from portal.mail.charsets import Speller
from portal.mail.headers import (
    NamedAddress,
    address_list,
    date,
    folded,
    message_id,
    parameterised,
    unstructured,
)
from portal.mail.refusals import Note, UnwritableError
from portal.mail.verify import ExpectedFile, ExpectedMail, ExpectedText, verify

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z")
_ANY_FILE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Heading:
    """What is decided about a mail when it is sent.

    `recipients` are at least one; addresses are canonical; `message_id` has its angle brackets; `date` is aware;
    `charset` is a label of `portal.domain.charset.CODECS`.
    """

    sender: Mailbox
    recipients: tuple[Mailbox, ...]
    reply_to: Mailbox | None
    message_id: str
    date: datetime
    charset: str
    misfit: MisfitPolicy


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes for the wire, lines ending in CRLF, not yet dot-stuffed; and one note per piece sent as UTF-8."""

    content: bytes
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A MIME entity: its own header fields and its content, both ending in CRLF."""

    fields: str
    content: bytes

    def __bytes__(self) -> bytes:
        return self.fields.encode() + b"\r\n" + self.content


def write(outgoing: Outgoing, heading: Heading) -> Written:
    """Return the verified bytes of a mail: the same input gives the same bytes.

    Raises DoesNotFitError where the policy is strict and a piece does not fit the charset, UnwritableError where
    no correct mail can be made of the input (control characters in a header, nobody to write to).
    """
    speller = Speller(heading.charset, heading.misfit)
    fields = _fields(outgoing, heading, speller)
    whole = _with_attachments(_texts(outgoing, heading, speller), outgoing, heading, speller)
    notes = speller.close()
    content = fields.encode() + bytes(whole)
    verify(content, _expected(outgoing, heading))
    return Written(content, notes)


def _fields(outgoing: Outgoing, heading: Heading, speller: Speller) -> str:
    fields = [
        address_list("From", [_named("from-name", heading.sender, speller)]),
        address_list("To", [_named("to-name", each, speller) for each in heading.recipients]),
        unstructured("Subject", speller.header("subject", _trimmed(outgoing.subject))),
        date(heading.date),
        message_id(heading.message_id),
    ]
    if heading.reply_to:
        fields.append(address_list("Reply-To", [_named("reply-to-name", heading.reply_to, speller)]))
    if outgoing.auto_submitted:
        fields.append(folded("Auto-Submitted", [" auto-generated"]))  # RFC 3834 §5
    fields.append(folded("MIME-Version", [" 1.0"]))
    return "".join(fields)


def _named(part: str, mailbox: Mailbox, speller: Speller) -> NamedAddress:
    return NamedAddress(mailbox.address, speller.header(part, _trimmed(mailbox.name)))


def _trimmed(text: str) -> str:
    """Blanks at the ends of a header mean nothing and do not survive (RFC 5322 §3.2.2)."""
    return text.strip(" ")


def _texts(outgoing: Outgoing, heading: Heading, speller: Speller) -> _Part:
    plain = _text_part("text", "text/plain", outgoing.text, speller)
    if outgoing.html is None:
        return plain
    return _multipart("alternative", [plain, _text_part("html", "text/html", outgoing.html, speller)], heading)


def _text_part(part: str, media_type: str, text: str, speller: Speller) -> _Part:
    spelling = speller.body(part, as_lines(text))
    content_type = folded("Content-Type", [f" {media_type};", f" charset={spelling.label}"])
    return _encoded_part(content_type, text_body(spelling))


def _with_attachments(texts: _Part, outgoing: Outgoing, heading: Heading, speller: Speller) -> _Part:
    if not outgoing.attachments:
        return texts
    files = [_file_part(each, speller) for each in outgoing.attachments]
    return _multipart("mixed", [texts, *files], heading)


def _file_part(attachment: Attachment, speller: Speller) -> _Part:
    name = speller.header("file-name", _trimmed(attachment.file_name))
    disposition = parameterised("Content-Disposition", "attachment", {"filename": name} if name.text else {})
    content_type = folded("Content-Type", [f" {_media_type(attachment)}"])
    return _encoded_part(content_type + disposition, file_body(attachment.content))


def _media_type(attachment: Attachment) -> str:
    """Composite types may not be base64 (RFC 2045 §6.4): such a file travels as mere octets."""
    media_type = attachment.media_type.lower()
    if not _MEDIA_TYPE.match(media_type):
        raise UnwritableError("not a media type")
    return _ANY_FILE if media_type.startswith(("multipart/", "message/")) else media_type


def _encoded_part(fields: str, body: Body) -> _Part:
    return _Part(fields + folded("Content-Transfer-Encoding", [f" {body.transfer_encoding}"]), body.content)


def _multipart(subtype: str, parts: Sequence[_Part], heading: Heading) -> _Part:
    # "=_" stands in no encoded line (RFC 2045 §6.7), and `text_body` keeps it away from the starts of the others.
    boundary = "=_" + hashlib.sha256(f"{subtype} {heading.message_id}".encode()).hexdigest()[:32]
    delimiter = f"--{boundary}\r\n".encode()
    content = b"".join(delimiter + bytes(part) + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return _Part(folded("Content-Type", [f" multipart/{subtype};", f' boundary="{boundary}"']), content)


def _expected(outgoing: Outgoing, heading: Heading) -> ExpectedMail:
    texts = [ExpectedText("text/plain", as_lines(outgoing.text))]
    if outgoing.html is not None:
        texts.append(ExpectedText("text/html", as_lines(outgoing.html)))
    return ExpectedMail(
        sender=_plain(heading.sender),
        recipients=tuple(_plain(each) for each in heading.recipients),
        reply_to=_plain(heading.reply_to) if heading.reply_to else None,
        subject=_trimmed(outgoing.subject),
        message_id=heading.message_id,
        date=heading.date.replace(microsecond=0),
        auto_submitted=outgoing.auto_submitted,
        texts=tuple(texts),
        files=tuple(
            ExpectedFile(_media_type(each), _trimmed(each.file_name), each.content) for each in outgoing.attachments
        ),
    )


def _plain(mailbox: Mailbox) -> Mailbox:
    return Mailbox(mailbox.address, _trimmed(mailbox.name))
