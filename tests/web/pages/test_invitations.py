"""Inviting somebody, and coming in by the link."""

import pytest

from tests.page import Page
from tests.work import deliver_all


def invitation(**changes):
    return {"name": "Cal", "email": "new@demo.test", "role": "staff", **changes}


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def link(cast, sue):
    """The link that Sue is shown because nothing can mail it."""
    shown = sue.post(f"/t/{cast.sue.tenant.id}/invitations", invitation())
    return Page(shown.text).all("input", id="link")[0]["value"].removeprefix("http://portal.test")


def test_each_role_is_explained_where_it_is_chosen(cast, sue):
    page = sue.page(f"/t/{cast.sue.tenant.id}/invitations/new")

    assert [each["value"] for each in page.all("input", name="role")] == ["owner", "staff", "customer"]
    assert "Sees only his own mail and can send himself a test mail." in page.text


def test_the_answer_is_the_same_for_an_address_that_has_an_account(cast, sue, mail_server, services):
    cast.active_config(cast.pia, **mail_server.typed())

    def answer(email):
        done = sue.post(f"/t/{cast.sue.tenant.id}/invitations", invitation(email=email))
        return done.status_code, done.location, f"on its way to {email}" in sue.page(done.location).text

    assert answer("otto@demo.test") == answer("new@demo.test") == (303, f"/t/{cast.sue.tenant.id}/people", True)
    deliver_all(services)
    assert {letter.recipients: "already has an account" in letter.text for letter in mail_server.letters} == {
        ("otto@demo.test",): True,
        ("new@demo.test",): False,
    }


def test_a_link_works_once(cast, as_, link):
    newcomer = as_()

    assert "Sue & Partners invites you." in newcomer.page(link).text
    done = newcomer.post(link, {"password": "a whole new sentence"}, at=link)
    assert (done.status_code, done.location) == (303, "/sign-in")
    assert "Welcome." in newcomer.page("/sign-in").text
    assert newcomer.sign_in("new@demo.test", "a whole new sentence").status_code == 303
    assert newcomer.get(link).status_code == 404
    assert newcomer.post(link, {"password": "another sentence"}).status_code == 404


@pytest.mark.parametrize("token", ["nope", "%00", "%ED%A0%80", "x" * 5000, "1" * 20])
def test_a_link_that_does_not_work_says_what_to_do(as_, token):
    gone = as_().get(f"/invitations/{token}")

    assert gone.status_code == 404
    assert "ask whoever invited you for a new link" in gone.text


def test_a_link_is_too_old_after_two_days(as_, link, clock):
    clock.forward(hours=49)

    assert as_().get(link).status_code == 404


@pytest.mark.asvs("6.2.1")
@pytest.mark.parametrize(
    ("password", "sentence"),
    [("", "Type a new password."), ("short", "at least 8 characters"), ("x" * 129, "at most 128 characters")],
)
def test_a_bad_password_is_refused_and_the_link_stays(as_, link, password, sentence):
    newcomer = as_()

    refused = newcomer.post(link, {"password": password}, at=link)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert f'value="{password or "nothing"}"' not in refused.text
    assert newcomer.get(link).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Type the person&#39;s name."),
        ("name", "\x00", "Remove invisible or control characters"),
        ("name", "x" * 121, "at most 120 characters"),
        ("email", "", "Type the e-mail address."),
        ("email", "no address", "Type one e-mail address"),
        ("email", "x" * 100_000, "Type one e-mail address"),
        ("email", "a\x00@b.test", "Type one e-mail address"),
        ("role", "", "Choose a role."),
        ("role", "operator", "Choose one of the"),
        ("role", "12345678901234567890", "Choose one of the"),
        ("role", "\x00", "Choose one of the"),
    ],
)
def test_every_field_says_what_is_wrong_with_it_and_nobody_is_invited(cast, sue, field, value, sentence):
    answer = sue.post(f"/t/{cast.sue.tenant.id}/invitations", invitation(**{field: value}))

    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert len(cast.services.invitations.people(cast.sue, cast.sue.tenant.id)) == 1
