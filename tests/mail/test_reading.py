import pytest

from portal.domain.outgoing import Mailbox
from portal.mail import reading
from portal.mail.reading import UnreadableError

MAIL = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: a/b\r\n\r\nbody\r\n\r\n--b--\r\n'


def parts_of(content):
    return list(reading.parts(content, reading.entity(content, 0, len(content)), "b"))


def test_a_header_is_read_field_by_field_and_unfolded():
    mail = reading.entity(b"From: a@b.test\r\nSubject: one\r\n two\r\nReply-To:\r\n\r\nbody\r\n", 0, 56)

    assert mail.fields == (("From", "a@b.test"), ("Subject", "one two"), ("Reply-To", ""))
    assert mail.value("Subject") == "one two"
    assert mail.value("Cc") == ""


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: no end\r\n",
        b"Subject: a\r\n \r\n b\r\n\r\n",
        b"Subject:a\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\r\n\r\n",
        b"Subject: \xff\r\n\r\n",
    ],
)
def test_what_is_no_header_is_not_read(content):
    with pytest.raises(ValueError):
        reading.entity(content, 0, len(content))


def test_a_field_that_stands_twice_has_no_value():
    mail = reading.entity(b"To: a@b.test\r\nTo: c@d.test\r\n\r\n", 0, 32)

    with pytest.raises(UnreadableError):
        mail.value("To")


def test_every_part_is_found_between_the_boundaries():
    (part,) = parts_of(MAIL)

    assert MAIL[part.start : part.end] == b"body\r\n"


@pytest.mark.parametrize(
    "content",
    [
        MAIL.replace(b"\r\n\r\n--b\r\n", b"\r\n\r\nHello\r\n--b\r\n", 1),
        MAIL.removesuffix(b"--b--\r\n"),
        MAIL + b"more\r\n",
        MAIL.replace(b"--b--", b"--b-"),
    ],
)
def test_nothing_stands_outside_the_parts(content):
    with pytest.raises(UnreadableError):
        parts_of(content)


def test_mailboxes_are_read_with_and_without_names():
    value = 'a@b.test, Sue <sue@demo.test>, "Rex \\"R\\", Inc." <rex@demo.test>, =?utf-8?q?P=C3=ADa?= <pia@demo.test>'

    assert reading.mailboxes(value) == (
        Mailbox("a@b.test"),
        Mailbox("sue@demo.test", "Sue"),
        Mailbox("rex@demo.test", 'Rex "R", Inc.'),
        Mailbox("pia@demo.test", "Pía"),
    )


@pytest.mark.parametrize(
    "value",
    [
        "Sue (of Rex) <sue@demo.test>",
        "a@b.test,c@d.test",
        "friends: a@b.test;",
        "<a@b.test>",
        '"Sue <sue@demo.test>',
        "=?utf-8?q?P=C3=ADa?= Pia <pia@demo.test>",
    ],
)
def test_other_ways_to_write_mailboxes_are_not_ours(value):
    with pytest.raises(UnreadableError):
        reading.mailboxes(value)


@pytest.mark.parametrize(
    "value",
    [
        "a =?utf-8?q?b?=",
        "=?utf-8?q?b?= =?utf-8?q?c",
        "=?utf-7?q?b?=",
        "=?utf-8?x?b?=",
        "=?utf-8?q?a_=c3=ad?=",
        "=?utf-8?q?(a)?=",
        "=?utf-8?b?YQ?=",
        "=?utf-8?b?Y_==?=",
        "=?utf-8?q?=C3?=",
    ],
)
def test_an_encoded_word_is_whole_known_and_alone(value):
    with pytest.raises(ValueError):
        reading.text(value)


def test_parameters_are_read_quoted_plain_extended_and_in_sections():
    assert reading.parameters("text/plain; charset=utf-8") == ("text/plain", {"charset": "utf-8"})
    assert reading.parameters('attachment; filename="a b.txt"') == ("attachment", {"filename": "a b.txt"})
    assert reading.parameters("attachment; filename*=utf-8''%C4%8D")[1] == {"filename": "č"}
    assert reading.parameters("inline; filename*0*=utf-8''%C4; filename*1*=%8D.png")[1] == {"filename": "č.png"}


@pytest.mark.parametrize(
    "value",
    [
        "attachment; filename",
        "attachment;filename=a",
        "attachment; filename=a; filename=b",
        "attachment; filename*1*=utf-8''a",
        "attachment; filename*0*=utf-8''a; filename*2*=b",
        "attachment; filename*=x-unknown''a",
    ],
)
def test_parameters_twice_in_pieces_or_of_unknown_charsets_are_not_read(value):
    with pytest.raises(ValueError):
        reading.parameters(value)


@pytest.mark.parametrize("encoding", ["8bit", "binary", ""])
def test_only_three_transfer_encodings_are_known(encoding):
    with pytest.raises(UnreadableError):
        reading.plain_octets(MAIL, parts_of(MAIL)[0], encoding)
