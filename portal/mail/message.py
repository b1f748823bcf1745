"""Knows how a mail is put together: which fields it has, in which order, and how its parts nest."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Attachment, Mailbox, MailingList, Outgoing
from portal.mail.bodies import Body, as_lines, file_body, text_body
from portal.mail.charsets import Speller
from portal.mail.headers import (
    NamedAddress,
    address_list,
    content_id,
    date,
    folded,
    list_id,
    list_unsubscribe,
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


class _Part(NamedTuple):
    """A MIME entity: its own header fields and the pieces of its content, both ending in CRLF."""

    fields: str
    pieces: Iterable[bytes]


def write(outgoing: Outgoing, heading: Heading) -> Written:
    """Return the verified bytes of a mail: the same input gives the same bytes.

    Raises DoesNotFitError where the policy is strict and a piece does not fit the charset, UnwritableError where
    no correct mail can be made of the input (control characters in a header, nobody to write to).
    """
    speller = Speller(heading.charset, heading.misfit)
    fields = _fields(outgoing, heading, speller)
    whole = _with_attachments(_texts(outgoing, heading, speller), outgoing, heading, speller)
    notes = speller.close()
    content = _joined(_Part(fields + whole.fields, whole.pieces))
    verify(content, _expected(outgoing, heading))
    return Written(content, notes)


def _joined(whole: _Part) -> bytes:
    """A buffer that gives away its own memory: a large mail is not copied once more to become one piece."""
    buffer = BytesIO()
    buffer.writelines(_pieces(whole))
    return buffer.getvalue()


def _pieces(part: _Part) -> Iterator[bytes]:
    yield part.fields.encode() + b"\r\n"
    yield from part.pieces


def _fields(outgoing: Outgoing, heading: Heading, speller: Speller) -> str:
    fields = [
        address_list("From", (_named("from-name", heading.sender, speller),)),
        address_list("To", tuple([_named("to-name", each, speller) for each in heading.recipients])),
        unstructured("Subject", speller.header("subject", _trimmed(outgoing.subject))),
        date(heading.date),
        message_id(heading.message_id),
    ]
    if heading.reply_to:
        fields.append(address_list("Reply-To", (_named("reply-to-name", heading.reply_to, speller),)))
    if outgoing.auto_submitted:
        fields.append("Auto-Submitted: auto-generated\r\n")  # RFC 3834 §5
    if outgoing.mailing_list:
        fields += _list_fields(outgoing.mailing_list)
    fields.append("MIME-Version: 1.0\r\n")
    return "".join(fields)


def _list_fields(mailing_list: MailingList) -> Iterator[str]:
    yield list_id(mailing_list.id)
    yield list_unsubscribe(mailing_list.unsubscribe)
    if mailing_list.one_click:
        if not any(each.startswith("https:") for each in mailing_list.unsubscribe):
            raise UnwritableError("List-Unsubscribe-Post: nothing to post to")  # RFC 8058 §3.1
        yield folded("List-Unsubscribe-Post", [" List-Unsubscribe=One-Click"])


def _named(part: str, mailbox: Mailbox, speller: Speller) -> NamedAddress:
    return NamedAddress(mailbox.address, speller.header(part, _trimmed(mailbox.name)))


def _trimmed(text: str) -> str:
    """Blanks at the ends of a header mean nothing and do not survive (RFC 5322 §3.2.2)."""
    return text.strip(" ")


def _texts(outgoing: Outgoing, heading: Heading, speller: Speller) -> _Part:
    plain = _text_part("text", "text/plain", outgoing.text, speller)
    if outgoing.html is None:
        return plain
    rich = _text_part("html", "text/html", outgoing.html, speller)
    if shown := _shown(outgoing):
        rich = _multipart("related", [rich, *(_file_part(each, speller) for each in shown)], heading)
    return _multipart("alternative", [plain, rich], heading)


def _text_part(part: str, media_type: str, text: str, speller: Speller) -> _Part:
    spelling = speller.body(part, as_lines(text))
    return _encoded_part(f"Content-Type: {media_type}; charset={spelling.label}\r\n", text_body(spelling))


def _shown(outgoing: Outgoing) -> list[Attachment]:
    """The files that the HTML shows; without HTML there is nothing to show them in."""
    return [each for each in outgoing.attachments if each.content_id and outgoing.html is not None]


def _attached(outgoing: Outgoing) -> list[Attachment]:
    return [each for each in outgoing.attachments if not each.content_id or outgoing.html is None]


def _with_attachments(texts: _Part, outgoing: Outgoing, heading: Heading, speller: Speller) -> _Part:
    if not outgoing.attachments:
        return texts
    files = [_file_part(replace(each, content_id=""), speller) for each in _attached(outgoing)]
    return _multipart("mixed", [texts, *files], heading) if files else texts


def _file_part(attachment: Attachment, speller: Speller) -> _Part:
    name = speller.header("file-name", _trimmed(attachment.file_name))
    kind = "inline" if attachment.content_id else "attachment"
    disposition = parameterised("Content-Disposition", kind, {"filename": name} if name.text else {})
    identifier = content_id(attachment.content_id) if attachment.content_id else ""
    content_type = folded("Content-Type", [f" {_media_type(attachment)}"])
    return _encoded_part(content_type + disposition + identifier, file_body(attachment.content))


def _media_type(attachment: Attachment) -> str:
    """Composite types may not be base64 (RFC 2045 §6.4): such a file travels as mere octets."""
    media_type = attachment.media_type.lower()
    if not _MEDIA_TYPE.match(media_type):
        raise UnwritableError("not a media type")
    return _ANY_FILE if media_type.startswith(("multipart/", "message/")) else media_type


def _encoded_part(fields: str, body: Body) -> _Part:
    return _Part(f"{fields}Content-Transfer-Encoding: {body.transfer_encoding}\r\n", body.pieces)


def _multipart(subtype: str, parts: Sequence[_Part], heading: Heading) -> _Part:
    # "=_" stands in no encoded line (RFC 2045 §6.7), and `text_body` keeps it away from the starts of the others.
    boundary = "=_" + hashlib.sha256(f"{subtype} {heading.message_id}".encode()).hexdigest()[:32]
    fields = folded("Content-Type", [f" multipart/{subtype};", f' boundary="{boundary}"'])
    return _Part(fields, _between(f"--{boundary}".encode(), parts))


def _between(delimiter: bytes, parts: Sequence[_Part]) -> Iterator[bytes]:
    for part in parts:
        yield delimiter + b"\r\n"
        yield from _pieces(part)
        yield b"\r\n"
    yield delimiter + b"--\r\n"


def _expected(outgoing: Outgoing, heading: Heading) -> ExpectedMail:
    texts = [ExpectedText("text/plain", as_lines(outgoing.text))]
    if outgoing.html is not None:
        texts.append(ExpectedText("text/html", as_lines(outgoing.html)))
    return ExpectedMail(
        sender=_plain(heading.sender),
        recipients=tuple([_plain(each) for each in heading.recipients]),
        reply_to=_plain(heading.reply_to) if heading.reply_to else None,
        subject=_trimmed(outgoing.subject),
        message_id=heading.message_id,
        date=heading.date.replace(microsecond=0),
        auto_submitted=outgoing.auto_submitted,
        texts=tuple(texts),
        files=tuple([_expected_file(each, outgoing) for each in outgoing.attachments]),
        mailing_list=outgoing.mailing_list,
    )


def _expected_file(attachment: Attachment, outgoing: Outgoing) -> ExpectedFile:
    shown = attachment.content_id if outgoing.html is not None else ""
    return ExpectedFile(_media_type(attachment), _trimmed(attachment.file_name), attachment.content, shown)


def _plain(mailbox: Mailbox) -> Mailbox:
    name = _trimmed(mailbox.name)
    return mailbox if name == mailbox.name else Mailbox(mailbox.address, name)
