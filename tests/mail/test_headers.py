from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import getaddresses, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.text import clean_text
from portal.mail.charsets import Spelling
from portal.mail.headers import NamedAddress, address_list, date, folded, message_id, parameterised, unstructured
from portal.mail.refusals import UnwritableError
from tests.rfc2047 import mailboxes_of, parameters_of, text_of


def value_of(field):
    """Unfold one written field after judging its lines."""
    assert field.endswith("\r\n")
    lines = field.removesuffix("\r\n").split("\r\n")
    assert all(line.strip() for line in lines)
    assert all(len(line) <= (76 if "=?" in line else 998) for line in lines)
    return "".join(lines).partition(":")[2].removeprefix(" ")


def by_standard_parser(field):
    value = HeaderParser().parsestr(field).items()[0][1].replace("\r\n", "").replace("\n", "")
    return str(make_header(decode_header(value)))


def one(name, address="pia@demo.test", label="utf-8"):
    return address_list("From", [NamedAddress(address, Spelling(name, label))])


def accepted(text):
    try:
        return clean_text(text)
    except ValueError:
        return None


texts = st.text(max_size=200).map(accepted).filter(lambda text: text is not None)
ascii_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300).map(str.strip)


@pytest.mark.parametrize("text", ["Hello, Cal!", "50 % = half?", 'a (b) <c> "d" \\ ;:@', "x  y   z", ""])
def test_plain_ascii_goes_as_it_is(text):
    assert unstructured("Subject", Spelling(text, "iso-8859-1")).rstrip() == f"Subject: {text}".rstrip()


def test_ascii_that_looks_like_an_encoded_word_is_encoded():
    field = unstructured("Subject", Spelling("=?utf-8?q?gotcha?=", "us-ascii"))

    assert "utf-8" not in field
    assert "=?us-ascii?" in field
    assert text_of(value_of(field)) == "=?utf-8?q?gotcha?="


def test_a_long_subject_folds_before_blanks_and_unfolds_to_itself():
    text = " ".join(["word"] * 60) + "   three"
    field = unstructured("Subject", Spelling(text, "utf-8"))

    assert max(map(len, field.split("\r\n"))) <= 76
    assert value_of(field) == text


def test_a_word_too_long_for_any_line_is_split_into_encoded_words():
    field = unstructured("Subject", Spelling("x" * 5_000, "utf-8"))

    assert max(map(len, field.split("\r\n"))) <= 76
    assert text_of(value_of(field)) == "x" * 5_000


def test_a_run_of_blanks_too_long_for_any_line_survives():
    text = "a" + " " * 2_000 + "b"

    assert text_of(value_of(unstructured("Subject", Spelling(text, "utf-8")))) == text


@pytest.mark.parametrize("text", ["a\r\nBcc: otto@demo.test", "a\nb", "a\rb", "a\0b", "a\tb", "a\x85b", "a\x1bb"])
def test_control_characters_never_enter_a_header(text):
    for write in (
        lambda: unstructured("Subject", Spelling(text, "utf-8")),
        lambda: one(text),
        lambda: parameterised("Content-Disposition", "attachment", {"filename": Spelling(text, "utf-8")}),
    ):
        with pytest.raises(UnwritableError):
            write()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "From: pia@demo.test"),
        ("Pia the Provider", "From: Pia the Provider <pia@demo.test>"),
        ("Pia, Inc.", 'From: "Pia, Inc." <pia@demo.test>'),
        ('Pia "Boss" \\', 'From: "Pia \\"Boss\\" \\\\" <pia@demo.test>'),
        ("Pía", "From: =?utf-8?q?P=C3=ADa?= <pia@demo.test>"),
        ("a  b", 'From: "a  b" <pia@demo.test>'),
    ],
)
def test_a_display_name_is_a_phrase_quoted_or_encoded_as_needed(name, written):
    assert one(name) == f"{written}\r\n"


@pytest.mark.parametrize("separator", [",", ";", "(", ")", "<", ">", ":", '"', "\\", "@", "[", "]", "."])
def test_a_name_full_of_separators_stays_one_name_of_one_address(separator):
    for name in (f"otto{separator} otto@demo.test", f"ötto{separator} otto@demo.test"):
        value = value_of(one(name))

        assert mailboxes_of(value) == [(name, "pia@demo.test")]
        assert len(getaddresses([value])) == 1


def test_a_very_long_name_never_makes_a_very_long_line():
    for name in ("n" * 2_000, "ň" * 2_000, "na me " * 400 + "x"):
        field = one(name)

        assert max(map(len, field.split("\r\n"))) <= 78
        assert mailboxes_of(value_of(field)) == [(name, "pia@demo.test")]


def test_a_hundred_recipients_fold_into_short_lines():
    addresses = [NamedAddress(f"cal{number}@demo.test", Spelling(f"Čal, {number}", "utf-8")) for number in range(100)]
    field = address_list("To", addresses)

    assert max(map(len, field.split("\r\n"))) <= 76
    assert mailboxes_of(value_of(field)) == [(each.name.text, each.address) for each in addresses]


def test_an_address_with_a_local_part_outside_ascii_is_written_in_utf_8():
    assert one("", "žofie@demo.test") == "From: žofie@demo.test\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pia",
        "a@b.test, otto@demo.test",
        "a@b.test>\r\nBcc: x@y.test",
        "a b@c.test",
        "<a@b.test>",
        "a@FAß.test",
        "a@B.test",
    ],
)
def test_an_address_that_is_not_canonical_is_not_written(address):
    with pytest.raises(UnwritableError):
        one("Pia", address)


def test_a_field_without_addresses_is_not_written():
    with pytest.raises(UnwritableError):
        address_list("To", [])


@pytest.mark.asvs("5.4.2")
@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("offer.pdf", 'filename="offer.pdf"'),
        ("my offer; v2.pdf", 'filename="my offer; v2.pdf"'),
        ("žádost.pdf", "filename*=iso-8859-2''%BE%E1dost.pdf"),
        ("=?x?=.txt", "filename*=iso-8859-2''%3D%3Fx%3F%3D.txt"),
        ('a"b.txt', "filename*=iso-8859-2''a%22b.txt"),
    ],
)
def test_a_file_name_is_quoted_or_percent_encoded_under_its_charset(name, written):
    field = parameterised("Content-Disposition", "attachment", {"filename": Spelling(name, "iso-8859-2")})

    assert field == f"Content-Disposition: attachment; {written}\r\n"


def test_a_long_file_name_continues_in_numbered_sections():
    name = "žádost " * 100 + ".pdf"
    field = parameterised("Content-Disposition", "attachment", {"filename": Spelling(name, "utf-8")})

    assert max(map(len, field.split("\r\n"))) <= 76
    assert parameters_of(value_of(field)) == {"filename": name}
    assert HeaderParser().parsestr(field).get_filename() == name


def test_a_date_is_written_to_the_second_with_its_offset():
    moment = datetime(2025, 1, 2, 3, 4, 5, 678, tzinfo=timezone(timedelta(hours=-3)))

    assert date(moment) == "Date: Thu, 02 Jan 2025 03:04:05 -0300\r\n"
    assert parsedate_to_datetime(value_of(date(datetime(2025, 1, 2, tzinfo=UTC)))) == datetime(2025, 1, 2, tzinfo=UTC)


def test_a_message_id_is_written_with_its_brackets():
    assert message_id("<1f@demo.test>") == "Message-ID: <1f@demo.test>\r\n"


@pytest.mark.parametrize("identifier", ["", "1f@demo.test", "<1f>", "<a b@demo.test>", "<a@b>\r\nBcc: x", "<a@b>\n"])
def test_what_is_no_message_id_is_not_written(identifier):
    with pytest.raises(UnwritableError):
        message_id(identifier)


def test_a_line_breaks_only_before_a_token_and_never_right_after_the_name():
    assert folded("X", [" " + "a" * 71, " b"]) == f"X: {'a' * 71} b\r\n"
    assert folded("X", [" " + "a" * 72, " b"]) == f"X: {'a' * 72}\r\n b\r\n"
    assert folded("X", [" " + "a" * 90, " b"]) == f"X: {'a' * 90}\r\n b\r\n"


@given(texts | ascii_texts)
def test_any_accepted_subject_is_read_back_by_both_decoders(text):
    field = unstructured("Subject", Spelling(text, "utf-8"))

    assert text_of(value_of(field)) == text
    assert by_standard_parser(field) == text


@given(st.lists(texts | ascii_texts, min_size=1, max_size=4))
def test_any_accepted_names_are_read_back_by_both_decoders(names):
    addresses = [NamedAddress(f"cal{number}@demo.test", Spelling(name, "utf-8")) for number, name in enumerate(names)]
    value = value_of(address_list("Reply-To", addresses))

    assert mailboxes_of(value) == [(each.name.text, each.address) for each in addresses]
    assert [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])] == [
        (each.name.text, each.address) for each in addresses
    ]


@given(texts | ascii_texts)
def test_any_accepted_file_name_is_read_back_by_both_decoders(name):
    field = parameterised("Content-Disposition", "attachment", {"filename": Spelling(name, "utf-8")})

    assert parameters_of(value_of(field)) == {"filename": name}
    assert HeaderParser().parsestr(field).get_filename() == name
