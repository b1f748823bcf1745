"""What a template's words can do, and above all what they cannot."""

import time

import pytest

from portal.domain.errors import InvalidError
from portal.domain.outgoing import Purpose
from portal.domain.placeholders import Run, filled, names_in, paragraphs
from portal.domain.templates import Wording, judged
from tests.domain.injections import EXPRESSIONS, FORMS

VALUES = {"name": "Sue", "url": "https://portal.test/x", "company": "Sue & Partners"}
ATTACKS = [form.replace("§", expression) for form in FORMS for expression in EXPRESSIONS]


def test_a_placeholder_stands_for_its_value():
    assert filled("Hello {{name}} of {{ company }}.", VALUES) == "Hello Sue of Sue & Partners."


def test_braces_that_come_with_a_value_stay_braces():
    assert filled("{{name}}", {"name": "{{url}}", "url": "secret"}) == "{{url}}"


def test_a_value_brings_no_line_end_into_a_header_and_no_control_character_anywhere():
    assert (
        filled("Hello {{name}}", {"name": "Sue\r\nBcc: otto@demo.test\0\u2028"}) == "Hello Sue  Bcc: otto@demo.test  "
    )


@pytest.mark.parametrize(
    "text", ["{{", "}}", "{{}}", "{{ Name }}", "{{name", "{{name|upper}}", "{{a.b}}", "{{{name}}}"]
)
def test_double_braces_that_hold_no_name_are_refused(text):
    with pytest.raises(ValueError, match="braces"):
        names_in(text)


def test_blank_lines_part_paragraphs_and_only_link_placeholders_can_be_clicked():
    found = paragraphs("Go to\n{{url}}\n\nor https://else.test, {{name}}", VALUES, links={"url"})

    assert found == (
        ((Run("Go to"),), (Run("https://portal.test/x", "https://portal.test/x"),)),
        ((Run("or https://else.test, "), Run("Sue")),),
    )


@pytest.mark.asvs("1.2.2")
@pytest.mark.parametrize("value", ["javascript:alert(1)", "data:text/html,x", "//evil.test", " https://x.test"])
def test_what_is_no_address_of_the_web_is_never_clicked(value):
    assert paragraphs("{{url}}", {"url": value}, links={"url"}) == (((Run(value),),),)


def test_there_are_three_hundred_attacks_of_every_school():
    assert len(set(ATTACKS)) == len(ATTACKS) >= 300


@pytest.mark.asvs("1.3.1", "1.3.5", "1.3.7", "1.3.10")
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_or_stands_there_as_it_was_typed(attack):
    typed = Wording(f"Hello {attack}", f"Hello {attack}", header=attack, footer=attack)
    if "{{" in attack or "}}" in attack:
        with pytest.raises(InvalidError) as refused:
            judged(Purpose.PASSWORD_CHANGED, typed)
        assert {problem.code for problem in refused.value.problems} <= {"braces", "unknown-placeholder"}
        return
    words = judged(Purpose.PASSWORD_CHANGED, typed)
    assert [filled(each, VALUES) for each in (words.subject, words.text)] == [f"Hello {attack}"] * 2
    [[[run]]] = paragraphs(words.text, VALUES, links={"url"})
    assert run == Run(f"Hello {attack}")


@pytest.mark.parametrize("piece", ["a", "{", "{{name}} ", "{{ ", "\n\n", "{{{{name}}}}", " \t\n"])
def test_a_hundred_kilobytes_are_filled_in_at_once(piece):
    text = (piece * 100_000)[:100_000]
    began = time.perf_counter()
    filled(text, VALUES)
    spent = time.perf_counter() - began

    assert spent < 0.2  # some 10 ms; generous, because the machine is shared
