"""Knows how a received mail reads: its headers and its text, decoded without any help from the part that wrote it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from portal.domain.charset import CODECS
from portal.domain.mail_config import Encryption

_UNLABELLED = "us-ascii"  # RFC 2045 §5.2


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a mail came: its envelope, and the connection (`username` is empty where nobody signed in)."""

    sender: str
    recipients: tuple[str, ...]
    encryption: Encryption
    username: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of the demo's mailbox. `charset` is the label of its text part; `source` the mail as it came."""

    id: str
    received_at: datetime
    arrival: Arrival
    headers: tuple[tuple[str, str], ...]
    charset: str
    text: str
    has_html: bool
    source: str

    @property
    def subject(self) -> str:
        return self._header("subject")

    @property
    def author(self) -> str:
        return self._header("from")

    @property
    def addressee(self) -> str:
        return self._header("to")

    def _header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name.lower() == wanted), "")


def read_letter(letter_id: str, received_at: datetime, arrival: Arrival, content: bytes) -> Letter:
    """Decode a mail. Whatever cannot be decoded is shown as U+FFFD: this never fails."""
    message = message_from_bytes(content)
    parts = {part.get_content_type(): part for part in reversed(list(_text_parts(message)))}
    body = parts.get("text/plain") or parts.get("text/html")
    return Letter(
        id=letter_id,
        received_at=received_at,
        arrival=arrival,
        headers=tuple((name, _unfolded(str(value))) for name, value in message.items()),
        charset=_charset_of(body) if body else "",
        text=_text_of(body) if body else "",
        has_html="text/html" in parts,
        source=content.decode("utf-8", "replace"),
    )


def _text_parts(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if part.get_content_maintype() == "text" and not part.get_filename())


def _charset_of(part: Message) -> str:
    return part.get_content_charset(_UNLABELLED)


def _text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decoded(payload, _charset_of(part)) if isinstance(payload, bytes) else ""


def _unfolded(value: str) -> str:
    line = value.replace("\r", "").replace("\n", "")
    try:
        pieces = decode_header(line)
    except HeaderParseError:  # a word with broken base64
        return line
    return "".join(piece if isinstance(piece, str) else _decoded(piece, label) for piece, label in pieces)


def _decoded(content: bytes, label: str | None) -> str:
    label = (label or _UNLABELLED).lower()
    try:
        # Python does not know every label under which the world knows its codecs.
        return content.decode(CODECS.get(label, label), "replace")
    except LookupError:
        return content.decode("ascii", "replace")
