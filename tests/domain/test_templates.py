"""What a company may word in its own way."""

import pytest

from portal.domain.errors import InvalidError
from portal.domain.outgoing import Mailbox, Purpose
from portal.domain.templates import PLACEHOLDERS, Wording, judged


def problems(purpose=Purpose.INVITATION, **typed):
    words = {"subject": "Come in", "text": "Here: {{url}}", **typed}
    with pytest.raises(InvalidError) as refused:
        judged(purpose, Wording(**words))
    return [(problem.field, problem.code, *problem.values.values()) for problem in refused.value.problems]


def test_words_are_cleaned_before_they_are_kept():
    words = judged(Purpose.INVITATION, Wording(" Come  in ", "One\r\n\r\n{{url}}\n", from_address="Help@DEMO.test"))

    assert words == Wording("Come  in", "One\n\n{{url}}", from_address="Help@demo.test")


def test_a_mail_whose_point_is_its_link_has_to_have_it_in_the_text():
    assert problems(text="Come in") == [("text", "placeholder-missing", "url")]
    assert problems(text="Come in", footer="{{url}}") == [("text", "placeholder-missing", "url")]


def test_a_link_stands_in_no_subject():
    assert problems(subject="{{url}}") == [("subject", "unknown-placeholder", "url")]


def test_every_unknown_placeholder_is_named_at_its_field():
    assert problems(subject="{{minutes}}", header="{{nobody}}", footer="{{a") == [
        ("subject", "unknown-placeholder", "minutes"),
        ("header", "unknown-placeholder", "nobody"),
        ("footer", "braces"),
    ]


def test_a_sender_is_somebody_and_not_whoever_the_mail_is_about():
    assert problems(from_name="{{company}}") == [("from_name", "unknown-placeholder", "company")]


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("subject", "", "required"),
        ("text", " \n", "required"),
        ("subject", "x" * 201, "too-long"),
        ("text", "{{url}}" + "x" * 10_000, "too-long"),
        ("text", "x" * 1_000_000, "too-long"),
        ("subject", "Come\r\nBcc: otto@demo.test", "bad-character"),
        ("from_name", "Rex\nBcc: otto@demo.test", "bad-character"),
        ("text", "{{url}}\0", "bad-character"),
        ("footer", "turned\u202earound", "bad-character"),
        ("from_address", "rex@demo.test, otto@demo.test", "not-an-address"),
        ("from_address", "rex", "not-an-address"),
    ],
)
def test_what_cannot_travel_is_said_at_its_field(field, text, code):
    assert problems(**{field: text})[0][:2] == (field, code)


def test_name_and_address_override_each_by_itself():
    assert Wording("a", "b").sender is None
    assert Wording("a", "b", from_name="Rex").sender == Mailbox("", "Rex")
    assert Wording("a", "b", from_address="rex@demo.test").sender == Mailbox("rex@demo.test")


def test_everywhere_the_company_and_the_portal_can_be_named():
    assert all({"company", "product"} <= {each.name for each in names} for names in PLACEHOLDERS.values())
