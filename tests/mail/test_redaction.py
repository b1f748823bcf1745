import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.redaction import HIDDEN, Redactor, printable
from portal.mail.replies import Reply

_TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=6, max_size=60)


@pytest.mark.parametrize("evil", ["\x00", "\x1b[31m", "\r", "\n", "\u202e", "\ufffd", "\u2028", "\x9b"])
def test_what_a_terminal_or_page_might_act_upon_becomes_a_dot(evil):
    assert printable(f"a{evil[0]}b") == "a·b"


def test_a_text_is_at_most_two_hundred_characters():
    assert len(Redactor().clean("x" * 1000)) == 200
    assert Redactor().clean("x" * 200) == "x" * 200


def test_a_secret_is_removed_before_the_text_is_cut():
    cleaned = Redactor(password="abcdefghijklmnop").clean("x" * 192 + "abcdefghijklmnop")

    assert cleaned == "x" * 192 + HIDDEN


def test_a_reply_is_told_as_one_line_with_its_code():
    assert Redactor().told(Reply(550, "5.1.1", ("5.1.1 no", "such user"))) == "550 5.1.1 no such user"
    assert Redactor().told(Reply(250, "", ("",))) == "250"


def test_a_piece_of_a_long_secret_is_hidden_as_well():
    redactor = Redactor(password="the-quick-brown-fox-jumps")

    assert redactor.clean("got quick-brown-fox, thanks") == f"got {HIDDEN}, thanks"
    assert redactor.clean("the quick brown fox") == "the quick brown fox"


def test_neighbouring_pieces_become_one():
    assert Redactor(password="correct horse").clean("correct horsecorrect horse!") == f"{HIDDEN}!"


def test_every_place_is_hidden_and_what_stands_between_them_stays():
    assert Redactor(password="correct horse").clean("correct horse or Correct Horse?") == f"{HIDDEN} or {HIDDEN}?"


def test_a_password_of_three_letters_is_not_told_by_hiding_it():
    assert Redactor(password="ion").clean("authentication failed") == "authentication failed"


def test_a_redactor_shows_nothing_of_what_it_knows():
    assert "correct" not in repr(Redactor(password="correct horse"))


@given(_TEXT, _TEXT, st.sampled_from(["", "a", "ab", "rex@demo.test\0"]), st.sampled_from(["", "z", "zz"]))
def test_no_common_spelling_of_the_password_survives(username, password, before, after):
    raw = password.encode()
    aligned = base64.b64encode(before.encode() + raw + after.encode()).decode()
    spellings = [
        password,
        raw.hex(),
        raw.hex().upper(),
        quote(password, safe=""),
        quote_plus(password),
        json.dumps(password)[1:-1],
        html.escape(password),
        base64.b64encode(raw).decode(),
        base64.b64encode(f"\0{username}\0{password}".encode()).decode(),
    ]
    redactor = Redactor(username=username, password=password)

    for spelling in spellings:
        assert spelling not in redactor.clean(f"535 «{spelling}» no")
    assert aligned not in redactor.clean(f"535 «{aligned}» no")


@given(st.text(max_size=400))
def test_without_a_secret_only_unprintable_characters_change(text):
    assert Redactor().clean(text)[:199] == printable(text)[:199]


def test_a_server_of_many_words_does_not_fill_the_memory():
    redactor = Redactor(username="rex@demo.test", password="correct horse")
    for number in range(1_000):
        assert redactor.clean(f"{number} correct horse") == f"{number} [hidden]"

    assert len(redactor._cleaned) <= 64
