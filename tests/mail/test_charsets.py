import pytest

from portal.domain.charset import CODECS, fits
from portal.domain.mail_config import MisfitPolicy
from portal.mail.charsets import Speller, Spelling, encode
from portal.mail.refusals import DoesNotFitError, Note, UnwritableError


@pytest.mark.req("S1.17")
def test_a_text_that_fits_keeps_the_configured_charset_without_a_note():
    speller = Speller("iso-8859-2", MisfitPolicy.UTF8)

    assert speller.header("subject", "Příliš") == Spelling("Příliš", "iso-8859-2")
    assert speller.close() == ()


@pytest.mark.req("S1.17")
def test_a_text_that_does_not_fit_goes_out_in_utf_8_with_a_note_of_its_first_misfit():
    speller = Speller("iso-8859-1", MisfitPolicy.UTF8)

    assert speller.body("text", "aře ř š") == Spelling("aře ř š", "utf-8")
    assert speller.header("subject", "plain").label == "iso-8859-1"
    assert speller.close() == (Note("text", "ř", 1),)


@pytest.mark.req("S1.17")
def test_a_strict_configuration_refuses_with_every_character_of_every_part():
    speller = Speller("iso-8859-1", MisfitPolicy.STRICT)
    speller.header("subject", "ř")
    speller.body("text", "aře ř š")

    with pytest.raises(DoesNotFitError) as refusal:
        speller.close()

    assert refusal.value.code == "does-not-fit"
    assert refusal.value.parts == (Note("subject", "ř", 0), Note("text", "ř", 1), Note("text", "š", 6))


@pytest.mark.parametrize("label", CODECS)
def test_every_charset_holds_ascii_octet_by_octet(label):
    text = "".join(map(chr, range(128)))
    text = text if not label.startswith("iso-2022-") else text.translate(dict.fromkeys(b"\x1b\x0e\x0f"))

    assert fits(text, label)
    assert text.encode(CODECS[label]) == text.encode("ascii")
    assert text.encode("ascii").decode(CODECS[label]) == text


def test_a_strict_configuration_accepts_what_fits():
    speller = Speller("iso-8859-1", MisfitPolicy.STRICT)
    speller.body("text", "Größe")

    assert speller.close() == ()


def test_a_lone_surrogate_is_refused_because_no_charset_carries_it():
    with pytest.raises(UnwritableError):
        Speller("utf-8", MisfitPolicy.UTF8).body("text", "\ud800")


def test_headers_beside_a_body_in_iso_2022_kr_are_in_euc_kr():
    speller = Speller("iso-2022-kr", MisfitPolicy.UTF8)

    assert speller.header("subject", "한글").label == "euc-kr"
    assert speller.body("text", "한글").label == "iso-2022-kr"


def test_the_korean_designator_stands_at_the_beginning_and_once():
    encoded = encode("ab 한\n글", "iso-2022-kr")

    assert encoded.startswith(b"\x1b$)Cab ")
    assert encoded.count(b"\x1b") == 1
    assert encoded.decode("iso2022_kr") == "ab 한\n글"


@pytest.mark.parametrize("label", CODECS)
def test_no_charset_hides_a_line_break_or_nul_inside_a_character(label):
    breaking = [
        chr(code)
        for code in (*range(0x20, 0xD800, 7), *range(0xE000, 0x10000, 7), 0x1F600)
        if fits(chr(code), label) and set(encode(chr(code), label)) & {0, 10, 13}
    ]
    assert breaking == []
