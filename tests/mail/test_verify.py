import re
from datetime import UTC, datetime

import pytest

from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Attachment, Mailbox, MailingList, Outgoing
from portal.mail.message import Heading, write
from portal.mail.refusals import UnwritableError
from portal.mail.verify import ExpectedFile, ExpectedMail, ExpectedText, verify

WHEN = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
EXPECTED = ExpectedMail(
    sender=Mailbox("pia@demo.test", "Pía"),
    recipients=(Mailbox("sue@demo.test", "Sue"), Mailbox("cal@demo.test")),
    reply_to=Mailbox("rex@demo.test"),
    subject="Příliš žluťoučký kůň",
    message_id="<1f@demo.test>",
    date=WHEN,
    auto_submitted=True,
    texts=(ExpectedText("text/plain", "Hello\n.\nFrom Pia\n"), ExpectedText("text/html", "<p>Ahoj\n")),
    files=(
        ExpectedFile("text/plain", "č.txt", b"octets"),
        ExpectedFile("image/png", "", b"picture" * 50, "logo@demo.test"),
    ),
    mailing_list=MailingList("news.demo.test", ("https://demo.test/off/1f", "mailto:off@demo.test"), one_click=True),
)
CONTENT = write(
    Outgoing(
        EXPECTED.subject,
        "Hello\n.\nFrom Pia",
        "<p>Ahoj",
        tuple(Attachment(file.file_name, file.media_type, file.content, file.content_id) for file in EXPECTED.files),
        mailing_list=EXPECTED.mailing_list,
    ),
    Heading(
        EXPECTED.sender, EXPECTED.recipients, EXPECTED.reply_to, "<1f@demo.test>", WHEN, "utf-8", MisfitPolicy.UTF8
    ),
).content


def swapped(old, new, count=1):
    def mutate(content):
        assert old in content
        return content.replace(old, new, count)

    return mutate


MUTANTS = {
    "a bare LF": swapped(b"=2E\r\n", b"=2E\n"),
    "a bare CR": swapped(b"=2E\r\n", b"=2E\r"),
    "an end of data that some servers see": swapped(b"=2E\r\n", b"\r.\r\r\n"),
    "NUL": swapped(b"Hello", b"Hel\0lo"),
    "no line end at the end": lambda content: content.removesuffix(b"\r\n"),
    "a line that starts with a dot": swapped(b"=2E", b"."),
    "a line that starts an mbox entry": swapped(b"=46rom", b"From"),
    "a line of 1,200 characters": swapped(b"<p>Ahoj", b"<p>" + b"x" * 1_200),
    "a header of 1,200 characters": swapped(b"Date: ", b"Date: " + b" " * 1_200),
    "an octet over 127 in the body": swapped(b"<p>Ahoj", "<p>Áhoj".encode()),
    "an octet over 127 in a header": swapped(b"Sue", "Šue".encode()),
    "From twice": swapped(b"To: ", b"From: otto@demo.test\r\nTo: "),
    "To twice": swapped(b"Date: ", b"To: otto@demo.test\r\nDate: "),
    "Date twice": swapped(b"MIME", b"Date: Thu, 02 Jan 2025 03:04:05 +0000\r\nMIME"),
    "Message-ID twice": swapped(b"MIME", b"Message-ID: <1f@demo.test>\r\nMIME"),
    "a hidden recipient": swapped(b"Date: ", b"Bcc: otto@demo.test\r\nDate: "),
    "a name of the software": swapped(b"MIME", b"X-Mailer: Relaytree\r\nMIME"),
    "no Message-ID": swapped(b"Message-ID: <1f@demo.test>\r\n", b""),
    "another case of a field name": swapped(b"Subject: ", b"SUBJECT: "),
    "no blank after a field name": swapped(b"Reply-To: ", b"Reply-To:"),
    "a line that is no field": swapped(b"Date: ", b"nonsense\r\nDate: "),
    "a blank line made of blanks": swapped(b"Date: ", b" \r\nDate: "),
    "a header that ends early": swapped(b"Date: ", b"\r\nDate: "),
    "another sender": swapped(b"<pia@demo.test>", b"<otto@demo.test>"),
    "another sender's name": swapped(b"From: =?utf-8?q?P=C3=ADa?=", b"From: Otto"),
    "one recipient more": swapped(b"cal@demo.test", b"cal@demo.test, otto@demo.test"),
    "another reply address": swapped(b"rex@demo.test", b"otto@demo.test"),
    "another subject": swapped(b"Subject: =?utf-8?b?", b"Subject: Re: =?utf-8?b?"),
    "another identifier": swapped(b"<1f@demo.test>", b"<20@demo.test>"),
    "another date": swapped(b"03:04:05", b"03:04:06"),
    "a date that is none": swapped(b"Thu, 02 Jan 2025 03:04:05 +0000", b"yesterday"),
    "mail that claims a human author": swapped(b"auto-generated", b"no"),
    "an encoded word over 75 characters": lambda content: re.sub(
        rb"Subject: .*?\r\nDate", b"Subject:\r\n =?utf-8?q?" + b"=41" * 21 + b"?=\r\nDate", content, flags=re.DOTALL
    ),
    "a line with an encoded word over 76 characters": swapped(
        b"?= <pia@demo.test>", b"?=" + b" " * 60 + b"<pia@demo.test>"
    ),
    "a charset under Python's own name": swapped(b"charset=utf-8", b"charset=utf8"),
    "a word under Python's own name": swapped(b"=?utf-8?q?P", b"=?utf8?q?P"),
    "an encoded word that decodes to nothing": swapped(b"=C3=AD", b"=C3=20"),
    "another text": swapped(b"Hello", b"Hullo"),
    "another HTML text": swapped(b"Ahoj", b"Ahoy"),
    "another type of text": swapped(b"text/html", b"text/plain"),
    "another file name": swapped(b"%C4%8D", b"%C4%8E"),
    "another file": swapped(b"b2N0ZXRz", b"b2N0ZXRT"),
    "another type of file": swapped(b"Type: text/plain\r\n", b"Type: text/html\r\n"),
    "an unknown field in a part": swapped(b"Content-Type: text/html", b"X-Trace: 1\r\nContent-Type: text/html"),
    "a field of a part twice": swapped(
        b"Content-Type: text/html", b"Content-Type: text/html\r\nContent-Type: text/html"
    ),
    "parts nested otherwise": swapped(b"multipart/mixed", b"multipart/related"),
    "a boundary that never closes": lambda content: content[: content.rindex(b"--=_")],
    "something after the end": lambda content: content + b"more\r\n",
    "something before the first part": swapped(b"\r\n\r\n--=_", b"\r\n\r\nPreamble\r\n--=_"),
    "another transfer encoding": swapped(b"quoted-printable", b"7bit"),
    "a picture under another name": swapped(b"<logo@demo.test>", b"<logo@evil.test>"),
    "a picture that is merely attached": swapped(b"inline", b"attachment"),
    "a picture without its last row": lambda content: re.sub(
        rb"[^\r\n]{1,75}\r\n\r\n--=_", b"\r\n--=_", content, count=1
    ),
    "a row of base64 in two": swapped(b"cGljdHVyZXBpY3R1cmVwaWN0dXJl", b"cGljdHVyZXBp\r\nY3R1cmVwaWN0dXJl"),
    "a comment between the rows of base64": swapped(b"cGljdHVyZXBpY3R1cmVwaWN0dXJl", b"cGljdHVyZXBpY3R1cmV*aWN0dXJl"),
    "a file as quoted-printable": swapped(b"Encoding: base64", b"Encoding: quoted-printable"),
    "a row of quoted-printable over 76 characters": swapped(b"=2E\r\n", b"=2E" + b"=\r\n" + b"x" * 80 + b"\r\n"),
    "a disposition without its name": swapped(b"Content-Disposition: attachment;", b"Content-Disposition: attachment"),
    "a file name in pieces that do not follow": swapped(b"filename*=", b"filename*1*="),
    "a list under another name": swapped(b"<news.demo.test>", b"<spam.demo.test>"),
    "another way off the list": swapped(b"https://demo.test/off", b"https://evil.test/off"),
    "no promise of one click": swapped(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
    "an encoded word beside other text": swapped(b"From: =?utf-8?q?P=C3=ADa?=", b"From: =?utf-8?q?P=C3=ADa?= a"),
    "a word in Q with a bare blank's neighbour": swapped(b"?q?P=C3=ADa?=", b"?q?P=c3=ada?="),
    "a comment in an address list": swapped(b"Sue <sue@demo.test>", b"Sue (hi) <sue@demo.test>"),
    "a file's field in a text": swapped(
        b"Content-Type: text/plain;", b"Content-Disposition: inline\r\nContent-Type: text/plain;"
    ),
    "one part more": lambda content: re.sub(
        rb"(--=_\w+)--\r\n\Z", rb"\1\r\nContent-Type: a/b\r\n\r\nx\r\n\1--\r\n", content
    ),
    "a part without the end of its header": lambda content: content.replace(b"base64\r\n\r\n", b"base64\r\n"),
    "no content at all": lambda _content: b"",
}


def test_the_mail_as_meant_passes():
    verify(CONTENT, EXPECTED)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_verifier_catches(mutant):
    changed = MUTANTS[mutant](CONTENT)
    assert changed != CONTENT

    with pytest.raises(UnwritableError):
        verify(changed, EXPECTED)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Another"},
        {"reply_to": None},
        {"auto_submitted": False},
        {"recipients": EXPECTED.recipients[:1]},
        {"recipients": EXPECTED.recipients[::-1]},
        {"texts": EXPECTED.texts[:1]},
        {"files": ()},
        {"files": EXPECTED.files * 2},
        {"files": EXPECTED.files[1:]},
        {"mailing_list": None},
        {"date": WHEN.replace(year=2024)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_correct_mail_that_says_something_else_is_refused(change):
    with pytest.raises(UnwritableError):
        verify(CONTENT, EXPECTED._replace(**change))


def test_a_local_part_outside_ascii_is_allowed_only_in_its_own_address():
    mailbox = Mailbox("žofie@demo.test")
    content = CONTENT.replace(b"rex@demo.test", mailbox.address.encode())

    verify(content, EXPECTED._replace(reply_to=mailbox))
    with pytest.raises(UnwritableError):
        verify(content.replace(b"Sue", "ž".encode()), EXPECTED._replace(reply_to=mailbox))
