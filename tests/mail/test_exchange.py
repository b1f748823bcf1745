import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.exchange import command, hidden_command


@given(st.text(max_size=700), st.booleans())
def test_whatever_is_written_is_one_line_of_printable_text_or_nothing(text, utf8):
    try:
        line = command(text, utf8=utf8).line
    except ValueError:
        return

    assert line.decode() == text + "\r\n"
    assert len(line) <= 512
    assert text.isprintable()
    assert utf8 or all(0x20 <= octet <= 0x7E for octet in line[:-2])


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "a\x7fb", "a\tb", "a\u2028b", "x" * 511, "ü"])
def test_an_injection_is_refused_and_not_cut(text):
    with pytest.raises(ValueError):
        command(text)


def test_a_line_may_be_as_long_as_the_rfc_says():
    assert len(command("x" * 510).line) == 512
    assert len(hidden_command("x" * 12_286, shown="[hidden]").line) == 12_288
    with pytest.raises(ValueError):
        hidden_command("x" * 12_287, shown="[hidden]")
