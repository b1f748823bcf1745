"""Changing one's own password."""

import pytest

from tests.cast import PASSWORD

NEW = "a whole new sentence"


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.mark.asvs("6.2.2", "7.4.3")
def test_a_new_password_holds_here_and_ends_every_other_session(cast, sue, as_):
    elsewhere = as_(cast.sue)

    done = sue.post("/me/password", {"current_password": PASSWORD, "password": NEW})

    assert (done.status_code, done.location) == (303, "/me/mail")
    assert "Your password is changed." in sue.page("/me/mail").text
    assert elsewhere.get("/me/mail").status_code == 303
    assert as_().sign_in("sue@demo.test").status_code == 422
    assert as_().sign_in("sue@demo.test", NEW).status_code == 303


@pytest.mark.shows_secrets("one of the passwords that are refused is the name of a company")
@pytest.mark.asvs("6.2.3", "7.5.1")
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current_password": "", "password": NEW}, "current_password"),
        ({"current_password": "wrong", "password": NEW}, "current_password"),
        ({"current_password": "\x00", "password": NEW}, "current_password"),
        ({"current_password": "x" * 100_000, "password": NEW}, "current_password"),
        ({"current_password": PASSWORD, "password": ""}, "password"),
        ({"current_password": PASSWORD, "password": "short"}, "password"),
        ({"current_password": PASSWORD, "password": "trustno1"}, "password"),
        ({"current_password": PASSWORD, "password": "Sue & Partners"}, "password"),
        ({"current_password": PASSWORD, "password": "x" * 100_000}, "password"),
    ],
)
def test_a_refusal_stands_at_its_field_and_shows_no_password(sue, as_, typed, field):
    refused = sue.post("/me/password", typed)

    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert not any(value and f'value="{value}"' in refused.text for value in typed.values())
    assert as_().sign_in("sue@demo.test").status_code == 303


def test_the_form_is_for_whoever_is_signed_in(as_):
    assert as_().get("/me/password").status_code == 303


def test_a_pop_up_gets_the_form_alone(sue):
    assert "<html" not in sue.get("/me/password", headers={"HX-Request": "true"}).text
