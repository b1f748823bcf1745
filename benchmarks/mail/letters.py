"""Knows the mails that every contender sends: the same words, each mail a little different."""

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Attachment, Mailbox, Outgoing
from portal.mail.message import Heading, Written, write

SENDER, SENDER_NAME = "office@pia.example", "Pia Cloud"
RECIPIENT, RECIPIENT_NAME = "cal@example.com", "Cal"
WHEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SIZES = {"2 KB": 32, "50 KB": 800}  # lines of text
ASCII_LINE = "The quick brown fox jumps over the lazy dog, and again it did.\n"
CZECH_LINE = "Příliš žluťoučký kůň úpěl ďábelské ódy, a zase znovu.\n"
# charset → (a line in its own repertoire, a subject, how the standard library is told to encode it)
CHARSETS = {
    "us-ascii": (ASCII_LINE, "Your invoice of March", "7bit"),
    "utf-8, mostly Latin": (CZECH_LINE, "Příliš žluťoučký", "quoted-printable"),
    "utf-8, Cyrillic": ("Съешь ещё этих мягких французских булок, да выпей чаю.\n", "Съешь ещё", "base64"),
    "iso-8859-2": (CZECH_LINE, "Příliš žluťoučký", "quoted-printable"),
    "iso-2022-jp": ("日本語のテストです。これはただの文章です。もう一度。\n", "日本語", "7bit"),
}  # fmt: skip
PDF = Attachment("invoice.pdf", "application/pdf", bytes(range(256)) * 80)


def text_of(number: int, size: str) -> str:
    return f"Mail number {number}\n{ASCII_LINE * SIZES[size]}"


def written(outgoing: Outgoing, number: int, charset: str = "utf-8") -> Written:
    """A mail by the shipped writer, proof included."""
    heading = Heading(
        sender=Mailbox(SENDER, SENDER_NAME),
        recipients=(Mailbox(RECIPIENT, RECIPIENT_NAME),),
        reply_to=None,
        message_id=f"<{number:032x}@pia.example>",
        date=WHEN,
        charset=charset,
        misfit=MisfitPolicy.UTF8,
    )
    return write(outgoing, heading)


def ours(
    number: int, text: str, *, subject: str = "Your invoice of March", charset: str = "utf-8", rich: bool = False
) -> Written:
    html, files = (f"<p>{text}</p>", (PDF,)) if rich else (None, ())
    return written(Outgoing(subject, text, html, files), number, charset)


def theirs(
    number: int,
    text: str,
    *,
    subject: str = "Your invoice of March",
    charset: str = "us-ascii",
    cte: str = "7bit",
    rich: bool = False,
) -> EmailMessage:
    """The same mail by the standard library, which proves nothing about it."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = f"{SENDER_NAME} <{SENDER}>", f"{RECIPIENT_NAME} <{RECIPIENT}>"
    message["Subject"], message["Date"] = subject, format_datetime(WHEN)
    message["Message-ID"], message["Auto-Submitted"] = f"<{number:032x}@pia.example>", "auto-generated"
    message.set_content(text, charset=charset, cte=cte)
    if rich:
        message.add_alternative(f"<p>{text}</p>", subtype="html")
        message.add_attachment(PDF.content, maintype="application", subtype="pdf", filename=PDF.file_name)
    return message
