"""The corpus: every charset, every kind of text, every place of a mail, read back by two readers."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.utils import getaddresses

import pytest

from portal.domain.charset import CODECS, fits
from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Attachment, Mailbox, Outgoing
from portal.mail.message import Heading, write
from tests import rfc2047
from tests.mail.charset_samples import SAMPLES

PIA, SUE = "pia@demo.test", "sue@demo.test"
WHEN = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def heading(charset, *, name):
    return Heading(Mailbox(PIA, name), (Mailbox(SUE),), None, "<1f@demo.test>", WHEN, charset, MisfitPolicy.UTF8)


def by_standard_parser(content):
    """Subject, From name, texts and file name as the standard library reads them."""
    mail = message_from_bytes(content)
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    phrase = getaddresses([unfolded(mail["From"])])[0][0]
    texts = [part.get_payload(decode=True).decode(codec(part.get_param("charset"))) for part in leaves[:2]]
    label, _, octets = leaves[2].get_param("filename", header="content-disposition")
    return words(unfolded(mail["Subject"])), words(phrase), *texts, octets.encode("latin-1").decode(codec(label))


def unfolded(value):
    return value.replace("\r\n", "")


def words(value):
    return "".join(
        run if isinstance(run, str) else run.decode(codec(label or "us-ascii")) for run, label in decode_header(value)
    )


def codec(label):
    return rfc2047.codec_of(label).name


def by_strict_reader(content):
    fields = dict(rfc2047.fields_of(content)[0])
    (text_fields, text), (html_fields, html), (file_fields, _) = rfc2047.leaves_of(content)
    return (
        rfc2047.text_of(fields["Subject"]),
        rfc2047.mailboxes_of(fields["From"])[0][0],
        *(
            rfc2047.codec_of(rfc2047.parameters_of(each["Content-Type"])["charset"]).decode(octets)[0]
            for each, octets in ((text_fields, text), (html_fields, html))
        ),
        rfc2047.parameters_of(file_fields["Content-Disposition"])["filename"],
    )


def labels_of(content):
    """Every charset named on the wire, in headers and in parts."""
    found = re.findall(rb"(?:=\?|filename(?:\*0)?\*=)([a-z0-9_-]+)(?:\?[bq]\?|'')", content)
    return {label.decode() for label in found}, {label.decode() for label in re.findall(rb"charset=(\S+)", content)}


KINDS = {
    "its own repertoire": lambda own: own,
    "mixed with ASCII": lambda own: f'Re: {own} (a, b) <c> "d" {own}; 50 % = e.f',
    "outside it": lambda own: f"{own} ᚠ end",
    "emoji": lambda own: f"{own} 👩‍👩‍👧 🇨🇿 👍🏽",
    "right to left": lambda own: f"{own} שלום مرحبا ok",
    "combining": lambda own: f"{own} q\u0303\u0301 e\u0301",
    "5,000 characters": lambda own: (own * 1_000)[:4_999] + ".",
    "5,000 characters without a blank": lambda own: (own.replace(" ", "") * 1_000)[:5_000],
}


@pytest.mark.req("S1.17")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("charset", CODECS)
def test_every_text_in_every_charset_is_read_back_by_two_readers(charset, kind):
    text = KINDS[kind](SAMPLES[charset])
    name = f"{text}ᚠ" if fits("ᚠ", charset) else f"{text}\\"  # never the plain quoted form
    html = f"<p>{text}</p>"
    outgoing = Outgoing(text, text, html, (Attachment(name, "text/plain", b"\0"),))

    content = write(outgoing, heading(charset, name=text)).content

    expected = (text, text, f"{text}\r\n", f"{html}\r\n", name)
    assert by_standard_parser(content) == expected
    assert by_strict_reader(content) == expected
    in_headers, in_parts = labels_of(content)
    header_label = "euc-kr" if charset == "iso-2022-kr" else charset
    assert in_parts == {charset if fits(text, charset) else "utf-8"}
    assert in_headers <= {header_label if fits(text, header_label) else "utf-8"}


@pytest.mark.parametrize("charset", CODECS)
def test_every_sample_really_fits_its_charset_and_is_not_plain(charset):
    assert fits(SAMPLES[charset], charset)
    assert charset == "us-ascii" or not SAMPLES[charset].isascii()


@pytest.mark.req("S1.17")
@pytest.mark.parametrize("charset", CODECS)
def test_texts_of_blanks_alone_are_written_as_empty_headers_and_a_blank_text(charset):
    blank = "   "
    outgoing = Outgoing(blank, blank, blank, (Attachment(blank, "text/plain", b"x"),))
    content = write(outgoing, heading(charset, name=blank)).content

    fields = dict(rfc2047.fields_of(content)[0])
    assert (fields["Subject"], fields["From"]) == ("", "pia@demo.test")
    assert [octets for _, octets in rfc2047.leaves_of(content)] == [b"   \r\n", b"   \r\n", b"x"]
