import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.charset import CODECS, fits
from portal.mail.bodies import as_lines, file_body, text_body
from portal.mail.charsets import Spelling
from tests.rfc2047 import body_of, codec_of


def read_back(body, label):
    octets = body_of(body.transfer_encoding, content_of(body))
    return codec_of(label).decode(octets)[0].replace("\r\n", "\n")


def written(text, label="utf-8"):
    body = text_body(Spelling(as_lines(text), label))
    return body._replace(pieces=tuple(body.pieces))


def content_of(body):
    return b"".join(body.pieces)


def test_all_line_ends_become_one_and_other_separators_stay_characters():
    assert as_lines("a\r\nb\rc\nd\u2028e\x85f") == "a\nb\nc\nd\u2028e\x85f\n"
    assert as_lines("") == "\n"
    assert as_lines("a\n\n") == "a\n\n"


def test_harmless_ascii_goes_as_it_is():
    assert written("Hello Cal\n\ttab = sign").transfer_encoding == "7bit"
    assert written("x" * 76).transfer_encoding == "7bit"


def test_japanese_in_iso_2022_jp_goes_as_it_is():
    assert written("日本語のメール", "iso-2022-jp").transfer_encoding == "7bit"


@pytest.mark.parametrize(
    "text",
    [
        ".",
        "..",
        "a\n.b",
        "From me",
        "x" * 77,
        "blank \nb",
        "tab\t",
        "a bell \x07 rings",
        "no escape \x1b$B",
        "--=_a delimiter",
    ],
)
def test_ascii_that_a_server_could_misread_is_quoted(text):
    body = written(text)

    assert body.transfer_encoding == "quoted-printable"
    assert not any(line.startswith((b".", b"From ", b"--=_")) for line in content_of(body).split(b"\r\n"))
    assert not any(line.endswith((b" ", b"\t")) for line in content_of(body).split(b"\r\n"))
    assert read_back(body, "utf-8") == as_lines(text)


def test_the_shorter_encoding_turns_at_five_sixths_ascii():
    assert written("abc éé xyz").transfer_encoding == "base64"
    assert written("éabc", "iso-8859-1").transfer_encoding == "quoted-printable"  # one octet of six, CRLF included
    assert written("éab", "iso-8859-1").transfer_encoding == "base64"


def test_a_dot_at_the_start_of_a_continued_row_is_escaped():
    for width in range(70, 80):
        content = content_of(written("x" * width + "." * 200))

        assert b"\r\n." not in content


def test_an_empty_file_is_still_a_body():
    assert content_of(file_body(b"")) == b"\r\n"


@given(st.binary(max_size=400))
def test_any_file_is_read_back(content):
    assert body_of("base64", content_of(file_body(content))) == content


shapes = st.sampled_from(
    [
        ".",
        "..",
        "From ",
        "From",
        "\r.\r",
        "\n.\n",
        "\r\n.\r\n",
        "\r",
        "\n",
        " ",
        "\t",
        "=",
        "x" * 70,
        "é",
        "日",
        "\u2028",
        "\x85",
        "--=_",
        "\0",
    ]
)


@given(st.lists(shapes | st.text(max_size=5), max_size=40).map("".join), st.sampled_from(sorted(CODECS)))
@example("é" + "x" * 68 + " ", "utf-8")
@example("\x1f\x80\x80\x80𐀀" + "x" * 120 + "é𐀀\x1f\x80\x80\x80𐀀 ", "utf-8")
def test_any_text_is_read_back_and_none_of_its_lines_is_dangerous(text, label):
    if not fits(text, "utf-8"):
        return
    label = label if fits(text, label) else "utf-8"
    body = written(text, label)
    lines = content_of(body).split(b"\r\n")

    assert lines[-1] == b""
    assert content_of(body).isascii()
    assert not any(set(line) & {0, 10, 13} for line in lines)
    assert not any(line.startswith((b".", b"From ")) or len(line) > 76 for line in lines)
    assert read_back(body, label) == as_lines(text)
