"""A brand is taken field by field from the nearest company that set it, and every bad field says what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.brand_hosts import judged_name
from portal.domain.branding import (
    INHERITED,
    LARGEST_LOGO,
    UNBRANDED,
    Branding,
    Logo,
    TypedBranding,
    applying,
    differences,
    judged,
)
from portal.domain.errors import InvalidError
from tests.domain.test_pictures import png

SOME = st.builds(
    Branding,
    **{name: st.none() | st.sampled_from(["a", "b"]) for name in INHERITED if name != "logo"},
    starts_afresh=st.booleans(),
)


@given(chain=st.lists(SOME, max_size=5))
def test_each_field_is_that_of_the_nearest_who_set_it_up_to_who_starts_afresh(chain):
    last = next((number for number, each in enumerate(chain) if each.starts_afresh), len(chain))
    heard = chain[: last + 1]
    wanted = {
        name: next((found for each in heard if (found := getattr(each, name)) is not None), None) for name in INHERITED
    }

    assert {name: getattr(applying(chain), name) for name in INHERITED} == wanted


def test_where_nobody_set_anything_it_is_called_relaytree():
    assert (applying([]), applying([]).called) == (UNBRANDED, "Relaytree")
    assert Branding(product="RexMail").called == "RexMail"


def problems(**typed):
    with pytest.raises(InvalidError) as refused:
        judged(TypedBranding(**typed), kept=None)
    return {(each.field, each.code) for each in refused.value.problems}


def test_what_is_typed_gets_its_one_spelling():
    typed = TypedBranding(
        product=" RexMail ", accent="#A04", support="Help@REX.example", privacy="https://REX.example:444/a?b=1#c"
    )

    assert judged(typed, kept=None) == Branding(
        product="RexMail", accent="#aa0044", support="Help@rex.example", privacy="https://rex.example:444/a?b=1#c"
    )
    assert judged(TypedBranding(), kept=None) == UNBRANDED


@pytest.mark.parametrize(
    "link",
    [
        "http://rex.example", "javascript:alert(1)", "//rex.example", "rex.example", "https://", "https://user@rex.example/",
        "https://rex", "https://rex.example/\u202e", "https://rex.example/a b", 'https://rex.example/"', "https://rex.example:x/",
        "https://[", "data:text/html,x", "https://rex.example\\@evil.example",
    ],
)  # fmt: skip
def test_a_link_is_a_whole_https_address(link):
    assert problems(imprint=link) == {("imprint", "not-a-link")}


def test_every_problem_is_told_at_once():
    found = problems(product="x" * 61, accent="blue", support="nobody", terms="ftp://x", logo=b"<svg/>")

    assert found == {
        ("product", "too-long"), ("accent", "not-a-colour"), ("support", "not-an-address"), ("terms", "not-a-link"), ("logo", "not-a-picture"),
    }  # fmt: skip


def test_a_pale_colour_is_refused_with_its_ratio():
    with pytest.raises(InvalidError) as refused:
        judged(TypedBranding(accent="#ffe066"), kept=None)

    (problem,) = refused.value.problems
    assert (problem.code, dict(problem.values)) == ("too-pale", {"ratio": "1.3", "least": "3"})


def test_a_logo_is_small_in_octets_and_in_pixels():
    assert judged(TypedBranding(logo=png(1024, 1024)), kept=None).logo.kind == "image/png"
    assert problems(logo=png(1025, 10)) == {("logo", "too-wide")}
    assert problems(logo=png(10, 10) + bytes(LARGEST_LOGO)) == {("logo", "too-large")}


def test_a_logo_stays_until_another_is_chosen_or_it_is_taken_away():
    kept = Logo("0" * 32, "image/png")
    logos = [judged(typed, kept=kept).logo for typed in (TypedBranding(), TypedBranding(without_logo=True))]

    assert logos == [kept, None]
    assert judged(TypedBranding(logo=png(1, 1), without_logo=True), kept=kept).logo.hash != kept.hash


def test_of_a_logo_the_log_says_only_that_it_changed():
    before = Branding(product="Old", logo=Logo("0" * 32, "image/png"))

    assert differences(before, Branding(accent="#aa0044", starts_afresh=True)) == {
        "product": ("Old", ""), "accent": ("", "#aa0044"), "logo": ("changed", "changed"), "starts_afresh": ("False", "True"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Mail.Rex.Example", "mail.rex.example"), ("büro.example.", "xn--bro-hoa.example"), (" a.b.c ", "a.b.c")],
)
def test_a_host_name_has_one_spelling(typed, name):
    assert judged_name(typed, own_name="portal.test") == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"), ("localhost", "not-a-domain"), ("192.0.2.7", "not-a-domain"), ("2001:db8::1", "not-a-domain"),
        ("https://rex.example", "not-a-domain"), ("rex.example/x", "not-a-domain"), ("rex.example:8443", "not-a-domain"),
        ("*.rex.example", "not-a-domain"), ("rex_.example", "not-a-domain"), ("a" * 250 + ".example", "not-a-domain"),
        ("Portal.Test", "own-name"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_brand_host_says_so(typed, code):
    with pytest.raises(InvalidError) as refused:
        judged_name(typed, own_name="portal.test")

    assert [(each.field, each.code) for each in refused.value.problems] == [("host_name", code)]
