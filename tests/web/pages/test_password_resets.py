"""The way back in for whoever forgot his password."""

import pytest

from tests.guards.inhabited import masked
from tests.page import Page
from tests.work import deliver_all


@pytest.fixture
def stranger(as_):
    return as_()


@pytest.fixture
def link(cast, stranger, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed())
    stranger.post("/password-resets", {"email": "sue@demo.test"}, at="/password-resets/new")
    deliver_all(services)
    (letter,) = mail_server.letters
    assert letter.recipients == ("sue@demo.test",)
    return letter.text.split("http://portal.test")[1].split()[0]


def test_the_answer_tells_nobody_whether_an_address_has_an_account(cast, stranger):
    known, unknown = (
        stranger.post("/password-resets", {"email": email}, at="/password-resets/new")
        for email in ("sue@demo.test", "nobody@demo.test")
    )

    assert known.status_code == unknown.status_code == 200
    assert "Look into your inbox" in known.text
    assert masked(known) == masked(unknown)


def test_a_mailed_link_sets_a_new_password_and_ends_every_session(cast, stranger, link, as_):
    elsewhere = as_(cast.sue)

    assert "For sue@demo.test." in stranger.page(link).text
    done = stranger.post(link, {"password": "a whole new sentence"}, at=link)

    assert (done.status_code, done.location) == (303, "/sign-in")
    assert "Your password is changed." in stranger.page("/sign-in").text
    assert stranger.sign_in("sue@demo.test", "a whole new sentence").status_code == 303
    assert elsewhere.get("/me/mail").status_code == 303
    assert stranger.get(link).status_code == 404


@pytest.mark.parametrize("token", ["nope", "%00", "x" * 5000])
def test_a_link_that_does_not_work_offers_a_new_one(stranger, token):
    gone = stranger.get(f"/password-resets/{token}")

    assert gone.status_code == 404
    assert "/password-resets/new" in gone.text


def test_a_link_is_too_old_after_half_an_hour(stranger, link, clock):
    clock.forward(minutes=31)

    assert stranger.get(link).status_code == 404
    assert stranger.post(link, {"password": "a whole new sentence"}).status_code == 404


def test_a_short_password_is_refused_at_its_field_and_the_link_stays(stranger, link):
    refused = stranger.post(link, {"password": "short"}, at=link)

    assert refused.status_code == 422
    assert 'id="password-error"' in refused.text
    assert stranger.get(link).status_code == 200


@pytest.mark.parametrize(
    "email", ["", "nobody", "a\x00@b.test", "x" * 5000, f"{'x' * 65}@b.test", "a@b.test\r\nBcc: c@d.test", "1" * 20]
)
def test_what_is_no_address_is_refused_at_its_field(stranger, email):
    refused = stranger.post("/password-resets", {"email": email}, at="/password-resets/new")

    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text


def test_asking_again_and_again_is_answered_with_patience(stranger):
    answers = [
        stranger.post("/password-resets", {"email": "nobody@demo.test"}, at="/password-resets/new") for _ in range(4)
    ]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert "too often" in Page(answers[-1].text).text
