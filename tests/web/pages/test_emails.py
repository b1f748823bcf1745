"""Changing one's own e-mail address, through the pages and the mail between them."""

import re

import pytest

from tests.work import deliver_all


@pytest.fixture
def sue(cast, as_, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))
    return as_(cast.sue)


def test_from_the_form_by_the_link_to_the_new_address(cast, sue, as_, services, mail_server):
    asked = sue.post("/me/email", {"email": "sue@new.example"}, at="/me/email")
    assert (asked.status_code, asked.location) == (303, "/me/security")
    deliver_all(services)
    (link,) = re.findall(r"http://portal\.test(/email-changes/\S+)", mail_server.letters[-1].text)

    page = as_().page(link)
    assert "sue@new.example" in page.text
    assert "sue@demo.test" in sue.page("/me/security").text
    assert as_().post(link, at=link).status_code == 303
    assert "sue@new.example" in sue.page("/me/security").text
    assert as_().get(link).status_code == 404
    assert as_().post(link, at="/sign-in").status_code == 404
    assert as_().sign_in("sue@new.example").status_code == 303


@pytest.mark.parametrize("typed", ["", "sue", "sue@demo.test", "a\0@b.example", "x" * 5000])
def test_a_refusal_stands_at_the_field(sue, typed):
    refused = sue.post("/me/email", {"email": typed}, at="/me/email")

    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text


def test_it_is_grave(sue, clock):
    clock.forward(minutes=10)
    assert sue.get("/me/email").location == "/me/proof?next=/me/email"
    assert sue.post("/me/email", {"email": "sue@new.example"}).status_code == 401


def test_too_often_is_said(sue):
    for number in range(5):
        sue.post("/me/email", {"email": f"sue{number}@new.example"}, at="/me/email")
    assert sue.post("/me/email", {"email": "sue@new.example"}, at="/me/email").status_code == 429
