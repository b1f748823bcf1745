import base64
import hashlib
import tracemalloc
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.charset import CODECS
from portal.domain.mail_config import MisfitPolicy
from portal.domain.outgoing import Attachment, Mailbox, MailingList, Outgoing
from portal.domain.text import clean_text
from portal.mail import headers, message
from portal.mail.bodies import Body
from portal.mail.message import Heading, write
from portal.mail.refusals import DoesNotFitError, Note, UnwritableError
from tests import rfc2047

PIA = Mailbox("pia@demo.test", "Pia")
SUE = Mailbox("sue@demo.test", "Sue")
WHEN = datetime(2025, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
HELLO = Outgoing("Hello", "Hello Sue")


def heading(
    charset="utf-8", *, sender=PIA, to=(SUE,), reply_to=None, misfit=MisfitPolicy.UTF8, message_id="<1f@demo.test>"
):
    return Heading(sender, to, reply_to, message_id, WHEN, charset, misfit)


def test_the_shortest_mail_looks_like_this():
    assert write(HELLO, heading()) == message.Written(
        b"From: Pia <pia@demo.test>\r\n"
        b"To: Sue <sue@demo.test>\r\n"
        b"Subject: Hello\r\n"
        b"Date: Thu, 02 Jan 2025 03:04:05 +0000\r\n"
        b"Message-ID: <1f@demo.test>\r\n"
        b"Auto-Submitted: auto-generated\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Hello Sue\r\n",
        (),
    )


def test_headers_name_neither_the_software_nor_the_machine():
    names = [name for name, _ in rfc2047.fields_of(write(HELLO, heading()).content)[0]]

    assert names == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ]


def test_mail_that_a_person_wrote_is_not_marked_as_automatic():
    content = write(Outgoing("Hello", "Hello", auto_submitted=False), heading()).content

    assert b"Auto-Submitted" not in content


def test_several_recipients_and_a_reply_address_are_written_as_meant():
    to = (SUE, Mailbox("cal@demo.test"), Mailbox("rex@demo.test", "Rex, Inc."))
    fields = dict(rfc2047.fields_of(write(HELLO, heading(to=to, reply_to=Mailbox("rex@demo.test", "Řex"))).content)[0])

    assert rfc2047.mailboxes_of(fields["To"]) == [
        ("Sue", "sue@demo.test"),
        ("", "cal@demo.test"),
        ("Rex, Inc.", "rex@demo.test"),
    ]
    assert rfc2047.mailboxes_of(fields["Reply-To"]) == [("Řex", "rex@demo.test")]


def test_attachments_keep_names_types_and_octets_beside_both_texts():
    files = (
        Attachment("faktura č. 1.pdf", "Application/PDF", bytes(range(256)) * 9),
        Attachment("", "image/png", b""),
        Attachment("mail.eml", "message/rfc822", b"From: x\r\n\r\n.\r\n"),
    )
    mail = message_from_bytes(write(Outgoing("Invoice", "See below.", "<p>See below.", files), heading()).content)

    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/html"),
        *("application/pdf", "image/png", "application/octet-stream"),
    ]
    assert [part.get_filename() for part in mail.get_payload()[1:]] == ["faktura č. 1.pdf", None, "mail.eml"]
    assert [part.get_payload(decode=True) for part in mail.get_payload()[1:]] == [each.content for each in files]


@pytest.mark.parametrize(
    "media_type", ["", "pdf", "text/plain; charset=x", "a/b\r\nBcc: otto@demo.test", "a/b/c", "text/é"]
)
def test_what_is_no_media_type_is_refused(media_type):
    with pytest.raises(UnwritableError):
        write(Outgoing("a", "b", attachments=(Attachment("c", media_type, b""),)), heading())


def test_the_same_mail_has_the_same_bytes_every_time():
    outgoing = Outgoing("Grüße", "a", "b", (Attachment("c", "text/plain", b"d"),))

    assert write(outgoing, heading()) == write(outgoing, heading())
    assert write(outgoing, heading()) != write(outgoing, heading(message_id="<20@demo.test>"))


def test_a_text_cannot_fake_the_boundary_even_if_it_knows_the_message_id():
    digest = hashlib.sha256(b"mixed <1f@demo.test>").hexdigest()[:32]
    text = f"before\n--=_{digest}--\nafter"
    content = write(Outgoing("a", text, attachments=(Attachment("c", "text/plain", text.encode()),)), heading()).content

    assert content.count(f"--=_{digest}--".encode()) == 1
    assert [octets for _, octets in rfc2047.leaves_of(content)][1] == text.encode()


@pytest.mark.req("S1.17")
def test_only_the_part_that_does_not_fit_leaves_the_configured_charset_and_the_note_says_why():
    outgoing = Outgoing("Größe", "Straße\n日本", "<p>Straße", (Attachment("č.pdf", "application/pdf", b""),))
    written = write(
        outgoing, heading("iso-8859-1", sender=Mailbox(PIA.address, "Pía"), reply_to=Mailbox("rex@demo.test", "Řex"))
    )

    assert written.notes == (Note("reply-to-name", "Ř", 0), Note("text", "日", 7), Note("file-name", "č", 0))
    assert b"Subject: =?iso-8859-1?" in written.content
    assert b"From: =?iso-8859-1?" in written.content
    assert b"text/plain; charset=utf-8" in written.content
    assert b"text/html; charset=iso-8859-1" in written.content


@pytest.mark.req("S1.17")
def test_a_strict_configuration_names_everything_that_does_not_fit():
    with pytest.raises(DoesNotFitError) as refusal:
        write(Outgoing("Řex", "a 日本"), heading("iso-8859-1", misfit=MisfitPolicy.STRICT))

    assert refusal.value.parts == (Note("subject", "Ř", 0), Note("text", "日", 2), Note("text", "本", 3))


@pytest.mark.req("S1.17")
@pytest.mark.parametrize("charset", CODECS)
def test_a_question_mark_never_stands_in_for_a_character(charset):
    content = write(
        Outgoing("ᚠ😀", "ᚠ😀", attachments=(Attachment("ᚠ😀", "text/plain", b"x"),)), heading(charset)
    ).content

    assert rfc2047.text_of(dict(rfc2047.fields_of(content)[0])["Subject"]) == "ᚠ😀"
    assert rfc2047.leaves_of(content)[0][1].decode("gb18030" if charset == "gb18030" else "utf-8") == "ᚠ😀\r\n"


def test_only_an_address_with_a_local_part_outside_ascii_leaves_seven_bits():
    content = write(Outgoing("Ahoj, Žofie", "Ahoj"), heading(to=(Mailbox("žofie@demo.test", "Žofie"),))).content

    assert "<žofie@demo.test>".encode() in content
    assert content.replace("žofie@demo.test".encode(), b"").isascii()
    assert write(Outgoing("Žofie", "Ž"), heading()).content.isascii()


@pytest.mark.parametrize("text", ["a\r\nBcc: otto@demo.test", "a\nb", "a\0b", "\ud800"])
def test_a_header_that_would_become_two_or_cannot_be_written_is_refused(text):
    for outgoing, sender in (
        (Outgoing(text, "b"), PIA),
        (HELLO, Mailbox(PIA.address, text)),
        (HELLO, Mailbox(text)),
        (Outgoing("a", "b", attachments=(Attachment(text, "text/plain", b""),)), PIA),
    ):
        with pytest.raises(UnwritableError):
            write(outgoing, heading(sender=sender))


def test_a_mail_to_nobody_is_refused():
    with pytest.raises(UnwritableError):
        write(HELLO, heading(to=()))


def test_a_writer_that_forgets_to_refuse_line_breaks_is_caught_by_the_verifier(monkeypatch):
    monkeypatch.setattr(headers, "_ensure_one_line", lambda _text: None)

    with pytest.raises(UnwritableError):
        write(Outgoing("a\r\nBcc: otto@demo.test", "b"), heading())


@pytest.mark.parametrize(
    "content",
    [b".\r\n", b"a\nb\r\n", b"a\r.\r\r\n", b"x" * 1_200 + b"\r\n", b"another text\r\n", b"From x\r\n", b"\xff\r\n"],
)
def test_a_writer_that_lets_a_dangerous_body_through_is_caught_by_the_verifier(monkeypatch, content):
    monkeypatch.setattr(message, "text_body", lambda _spelling: Body("7bit", (content,)))

    with pytest.raises(UnwritableError):
        write(HELLO, heading())


def accepted(text, *, multiline):
    try:
        return clean_text(text, multiline=multiline)
    except ValueError:
        return None


def texts(*, multiline=False):
    pieces = st.sampled_from(
        [".", "\r\n.\r\n", "\r.\r", "\n", "From ", " ", "=?", "?=", ",", '"', "é", "日", "\u2028", "x" * 90]
    )
    anything = st.lists(pieces | st.text(max_size=9), max_size=30).map("".join)
    return anything.map(lambda text: accepted(text, multiline=multiline)).filter(lambda text: text is not None)


@given(texts(), texts(), texts(multiline=True), texts(), st.sampled_from(sorted(CODECS)))
def test_any_accepted_mail_is_written_read_back_and_ends_only_where_it_ends(subject, name, text, file_name, charset):
    outgoing = Outgoing(subject, text, attachments=(Attachment(file_name, "text/plain", text.encode()),))
    content = write(outgoing, heading(charset, sender=Mailbox(PIA.address, name))).content

    fields = dict(rfc2047.fields_of(content)[0])
    assert rfc2047.text_of(fields["Subject"]) == subject
    assert rfc2047.mailboxes_of(fields["From"]) == [(name, PIA.address)]
    (_, body), (file_fields, octets) = rfc2047.leaves_of(content)
    assert rfc2047.parameters_of(file_fields["Content-Disposition"]).get("filename", "") == file_name
    assert octets == text.encode()
    assert body.count(b"\n") == body.count(b"\r\n")
    for end_of_data in (b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r.\r", b"\r\n."):
        assert end_of_data not in content


def test_base64_is_the_answer_to_mostly_foreign_text():
    content = write(Outgoing("a", "日本語"), heading()).content

    assert base64.b64decode(content.rpartition(b"\r\n\r\n")[2]).decode() == "日本語\r\n"


def test_a_picture_travels_beside_the_html_that_shows_it():
    files = (
        Attachment("invoice.pdf", "application/pdf", b"%PDF"),
        Attachment("logo.png", "image/png", b"picture", "logo@demo.test"),
    )
    mail = message_from_bytes(write(Outgoing("a", "b", '<img src="cid:logo@demo.test">', files), heading()).content)

    assert [part.get_content_type() for part in mail.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "multipart/related"),
        *("text/html", "image/png", "application/pdf"),
    ]
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<logo@demo.test>", "inline")
    assert picture.get_payload(decode=True) == b"picture"


def test_a_picture_without_html_is_an_attachment_like_any_other():
    content = write(Outgoing("a", "b", attachments=(Attachment("l.png", "image/png", b"p", "l@x"),)), heading()).content

    assert b"Content-Disposition: attachment" in content
    assert b"Content-ID" not in content


def test_mail_that_goes_to_many_names_its_list_and_the_ways_off_it():
    news = MailingList("news.demo.test", ("https://demo.test/off/1f", "mailto:off@demo.test"), one_click=True)
    fields = dict(rfc2047.fields_of(write(Outgoing("a", "b", mailing_list=news), heading()).content)[0])

    assert fields["List-Id"] == "<news.demo.test>"
    assert fields["List-Unsubscribe"] == "<https://demo.test/off/1f>, <mailto:off@demo.test>"
    assert fields["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_list_promises_one_click_only_where_that_is_said():
    news = MailingList("news.demo.test", ("mailto:off@demo.test",))

    assert b"One-Click" not in write(Outgoing("a", "b", mailing_list=news), heading()).content


@pytest.mark.parametrize(
    "mailing_list",
    [
        MailingList("no domain", ("https://demo.test/off",)),
        MailingList("news.demo.test", ()),
        MailingList("news.demo.test", ("http://demo.test/off",)),
        MailingList("news.demo.test", ("https://demo.test/off>\r\nBcc: otto@demo.test",)),
        MailingList("news.demo.test", ("mailto:off@demo.test",), one_click=True),
    ],
)
def test_a_list_without_a_usable_way_off_is_refused(mailing_list):
    with pytest.raises(UnwritableError):
        write(Outgoing("a", "b", mailing_list=mailing_list), heading())


def test_a_content_id_is_an_identifier():
    with pytest.raises(UnwritableError):
        write(Outgoing("a", "b", "c", (Attachment("l.png", "image/png", b"p", "a\r\nb"),)), heading())


def test_a_large_attachment_is_never_there_more_than_three_times():
    size = 25 * 1024 * 1024
    outgoing = Outgoing("a", "b", attachments=(Attachment("a.bin", "application/octet-stream", bytes(size)),))
    tracemalloc.start()
    try:
        write(outgoing, heading())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size + peak <= 3 * size


def test_plain_ascii_says_the_same_as_the_standard_library():
    text = "Hello Sue,\n\nplease find your invoice attached.\n"
    theirs = EmailMessage(policy=policy.SMTP)
    theirs["From"], theirs["To"], theirs["Subject"] = "Pia <pia@demo.test>", "Sue <sue@demo.test>", "Your invoice"
    theirs["Date"], theirs["Message-ID"], theirs["Auto-Submitted"] = WHEN, "<1f@demo.test>", "auto-generated"
    theirs["MIME-Version"] = "1.0"
    theirs.set_content(text, charset="us-ascii", cte="7bit")
    ours = message_from_bytes(write(Outgoing("Your invoice", text), heading("us-ascii")).content, policy=policy.SMTP)

    assert [(name, str(value).replace('"', "")) for name, value in ours.items()] == [
        (name, str(value).replace('"', "")) for name, value in theirs.items()
    ]
    assert ours.get_content() == message_from_bytes(bytes(theirs), policy=policy.SMTP).get_content()
