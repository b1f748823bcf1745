import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.charset import CODECS, fits
from portal.mail.charsets import Spelling
from portal.mail.encoded_words import encoded_words
from tests.rfc2047 import word_of


def test_the_shorter_of_q_and_b_is_taken():
    assert encoded_words(Spelling("Žofie the First", "utf-8")) == ["=?utf-8?q?=C5=BDofie_the_First?="]
    assert encoded_words(Spelling("日本", "utf-8")) == ["=?utf-8?b?5pel5pys?="]


def test_what_has_a_meaning_in_a_display_name_is_escaped():
    plain = "abcdefghij" * 3
    words = [encoded_words(Spelling(f"{mark}é {plain}", "iso-8859-1")) for mark in ',(<"?=_.']

    assert words == [[f"=?iso-8859-1?q?={ord(mark):02X}=E9_{plain}?="] for mark in ',(<"?=_.']


def test_every_word_of_iso_2022_jp_returns_to_ascii_and_is_decodable_alone():
    words = encoded_words(Spelling("日本語" * 40, "iso-2022-jp"))

    assert len(words) > 1
    assert "".join(map(word_of, words)) == "日本語" * 40


def test_a_mark_that_its_charset_knows_only_after_its_letter_is_not_cut_off():
    text = "Ê\u0304" * 100

    assert "".join(map(word_of, encoded_words(Spelling(text, "big5-hkscs")))) == text


def test_no_word_begins_with_a_mark_that_belongs_to_the_letter_before_it():
    words = encoded_words(Spelling("xe\u0301\u0302" * 100, "utf-8"))

    assert len(words) > 1
    assert not any(word_of(word).startswith(("\u0301", "\u0302")) for word in words)


def test_a_pile_of_marks_is_cut_because_a_word_has_an_end():
    text = "e" + "\u0301" * 500

    assert "".join(map(word_of, encoded_words(Spelling(text, "utf-8"), first=60))) == text


@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80),
    label=st.sampled_from(sorted(CODECS)),
    first=st.integers(60, 75),
)
def test_words_are_short_enough_and_give_the_text_back(text, label, first):
    spelling = Spelling(text, label if fits(text, label) else "utf-8")
    words = encoded_words(spelling, first=first)

    assert len(words[0]) <= first
    assert "".join(map(word_of, words)) == text


@pytest.mark.parametrize("label", CODECS)
def test_plain_text_is_encodable_under_every_label(label):
    assert "".join(map(word_of, encoded_words(Spelling("=?x?= " * 50, label)))) == "=?x?= " * 50
