import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.charset import CODECS, DEFAULT_CHARSET, Misfit, fits, is_offered, misfits

MARKED = "Ê\u0304"  # one code in Big5-HKSCS, although U+0304 alone has none


@pytest.mark.req("S1.17")
def test_forty_one_charsets_are_offered_and_every_codec_exists():
    assert len(CODECS) == 41
    assert DEFAULT_CHARSET in CODECS
    assert all(codecs.lookup(codec) for codec in CODECS.values())


@pytest.mark.parametrize("label", ["utf-7", "utf-16", "utf-32", "hz", "johab", "cp932", "UTF-8", "latin1", ""])
def test_charsets_that_break_mail_and_names_that_are_no_labels_are_not_offered(label):
    assert not is_offered(label)


@pytest.mark.parametrize("label", CODECS)
def test_plain_ascii_fits_every_charset(label):
    assert fits("Hello, Cal! 100% =?~\\", label)


@pytest.mark.parametrize("text", ["−", "〜", "‖"])
def test_a_character_that_comes_back_as_another_one_does_not_fit(text):
    text.encode("cp932")

    assert not fits(text, "windows-31j")


def test_misfits_name_the_character_and_its_place():
    assert misfits("Příliš", "iso-8859-1") == (Misfit("ř", 1), Misfit("š", 5))


def test_a_mark_that_fits_after_its_letter_is_no_misfit_beside_a_real_one():
    assert misfits(f"{MARKED} ᚠ x\u0304", "big5-hkscs") == (Misfit("ᚠ", 3), Misfit("\u0304", 6))


@pytest.mark.parametrize("label", ["iso-2022-jp", "iso-2022-kr"])
def test_the_controls_that_switch_a_stateful_charset_do_not_fit_it(label):
    assert misfits("a\x1bb", label) == (Misfit("\x1b", 1),)


@pytest.mark.timeout(30)
def test_a_long_text_full_of_misfits_is_judged_character_by_character_and_not_in_every_prefix():
    assert len(misfits("ř" * 200_000, "iso-8859-1")) == 200_000


@given(
    text=st.text(st.one_of(st.characters(), st.sampled_from(f"aé{MARKED}ê\u030cㅤㄱㅏㄴ뢔한日本ｱ¥‾−①€")), max_size=12),
    label=st.sampled_from(sorted(CODECS)),
)
def test_a_text_has_no_misfits_exactly_when_it_fits(text, label):
    assert fits(text, label) == (misfits(text, label) == ())
