"""A received mail is decoded by its labels alone, and never fails to be shown."""

from datetime import UTC, datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demo.letters import Arrival, read_letter
from portal.domain.mail_config import Encryption

ARRIVAL = Arrival("pia@demo.test", ("cal@demo.test",), Encryption.TLS, "demo")


def read(content):
    return read_letter("id", datetime(2026, 3, 2, tzinfo=UTC), ARRIVAL, content)


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "Grüße 日本"),
        ("iso-8859-2", "Zażółć"),
        ("koi8-r", "Привет"),
        ("iso-2022-jp", "日本語"),
        ("big5", "漢字"),
    ],
)
def test_headers_and_text_are_decoded_by_their_labels(charset, text):
    mail = MIMEText(text, "plain", charset)
    mail["Subject"] = Header(text, charset)
    letter = read(mail.as_bytes())

    assert (letter.subject, letter.text.strip(), letter.charset) == (text, text, charset)


def test_labels_that_python_does_not_know_are_decoded_too():
    letter = read(
        b"Subject: =?windows-874?B?oaI=?=\r\nContent-Type: text/plain; charset=windows-31j\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nk/qWew==\r\n"
    )

    assert (letter.subject, letter.text) == ("กข", "日本")


def test_the_text_is_taken_from_the_first_text_part_and_html_is_noticed():
    mail = MIMEMultipart("alternative")
    mail.attach(MIMEText("words", "plain"))
    mail.attach(MIMEText("<p>words</p>", "html"))
    letter = read(mail.as_bytes())

    assert (letter.text, letter.has_html) == ("words", True)


def test_an_attached_text_is_not_the_mail_s_text():
    mail = MIMEMultipart()
    attached = MIMEText("attached", "plain")
    attached.add_header("Content-Disposition", "attachment", filename="a.txt")
    mail.attach(attached)
    mail.attach(MIMEText("words", "plain"))

    assert read(mail.as_bytes()).text == "words"


def test_folded_headers_become_one_line():
    assert read(b"Subject: one\r\n two\r\nTo: a@b.test,\r\n c@d.test\r\n\r\n").subject == "one two"


@pytest.mark.parametrize("header", ["=?nonsense?B?oaI=?=", "=?utf-8?B?a?=", "=?utf-8?Q?=ZZ?=", "caf\udce9"])
def test_what_cannot_be_decoded_is_shown_all_the_same(header):
    content = f"Subject: {header}\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nwords".encode(
        "utf-8", "surrogateescape"
    )
    letter = read(content)

    assert letter.text == "words"
    letter.subject.encode()


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_page(content):
    letter = read(b"Content-Type: text/plain\r\n" + content)

    "".join((letter.subject, letter.text, letter.source, letter.charset, *sum(letter.headers, ()))).encode()
