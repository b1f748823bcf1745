"""What is grave asks once more who it is, wherever the proof is older than ten minutes."""

import re

import pytest

from portal.domain.roles import Role
from tests.cast import PASSWORD
from tests.page import Page
from tests.second_factors import set_up

GRAVE = ["/me/password", "/me/second-factor/code", "/me/second-factor/removal", "/me/recovery-codes"]


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


def prove(browser, at, **typed):
    fields = {**browser.page(at).fields(), "current_password": PASSWORD, **typed}
    return browser.post("/me/proof", fields, at=at)


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("url", GRAVE)
def test_a_grave_page_asks_first_and_goes_on_by_itself(sue, clock, url):
    assert sue.get(url).headers.get("Location") in {None, "/me/second-factor"}
    clock.forward(minutes=10)
    asked = sue.get(url)
    assert (asked.status_code, asked.location) == (303, f"/me/proof?next={url}")

    assert prove(sue, asked.location).location == url
    assert sue.get(url).headers.get("Location") in {None, "/me/second-factor"}


def test_a_proof_holds_for_this_session_and_for_ten_minutes(cast, sue, as_, clock):
    elsewhere = as_(cast.sue)
    clock.forward(minutes=10)
    prove(sue, "/me/proof")
    clock.forward(minutes=9)
    assert sue.get("/me/password").status_code == 200
    assert elsewhere.get("/me/password").status_code == 303
    clock.forward(minutes=1)
    assert sue.get("/me/password").status_code == 303


def test_a_form_that_is_interrupted_does_nothing_and_comes_back_without_its_passwords(cast, sue, as_, clock):
    clock.forward(minutes=10)
    typed = {"name": "Sam", "email": "sam@demo.test", "role": "owner", "password": "must not travel"}
    url = f"/t/{cast.sue.tenant.id}/invitations"
    asked = sue.post(url, typed)
    assert (asked.status_code, "must not travel" in asked.text) == (401, False)
    assert "sam@demo.test" not in sue.page(f"/t/{cast.sue.tenant.id}/people").text

    fields = {**Page(asked.text).fields(), "current_password": PASSWORD}
    resumed = sue.client.post("/me/proof", data=fields)
    page = Page(resumed.text)
    assert page.all("form", action=url)
    assert {name: page.fields()[name] for name in ("name", "email", "role")} == {
        "name": "Sam",
        "email": "sam@demo.test",
        "role": "owner",
    }
    sue.client.post(url, data=page.fields())
    assert "sam@demo.test" in sue.page(f"/t/{cast.sue.tenant.id}/people").text


def test_only_owners_are_grave_among_the_invited(cast, sue, clock):
    clock.forward(minutes=10)
    typed = {"name": "Sam", "email": "sam@demo.test", "role": "staff"}
    assert sue.post(f"/t/{cast.sue.tenant.id}/invitations", typed).status_code in {200, 303}


def test_making_somebody_an_owner_is_grave_and_naming_him_is_not(cast, sue, services, clock):
    user = services.accounts.add(cast.sue.tenant.id, email="sam@demo.test", name="Sam", role=Role.STAFF, password=None)
    clock.forward(minutes=10)
    url = f"/t/{cast.sue.tenant.id}/people/{user.id}"
    assert sue.post(url, {"name": "Sammy", "role": "staff", "version": "1"}).status_code == 303
    assert sue.post(url, {"name": "Sammy", "role": "owner", "version": "2"}).status_code == 401
    assert services.users.get(cast.sue, cast.sue.tenant.id, user.id).role is Role.STAFF


@pytest.mark.asvs("7.5.2")
def test_ending_ones_sessions_is_grave(cast, sue, as_, clock):
    elsewhere = as_(cast.sue)
    (url,) = re.findall(r"/me/sessions/[0-9a-f-]{36}/end", sue.page("/me/security").html)
    clock.forward(minutes=10)
    assert [sue.post(each).status_code for each in (url, "/me/sessions/end-others")] == [401, 401]
    assert elsewhere.get("/me/mail").status_code == 200

    prove(sue, "/me/proof")
    assert sue.post(url).status_code == 303
    assert elsewhere.get("/me/mail").status_code == 303


def test_closing_a_company_is_grave(cast, sue, clock):
    url = f"/t/{cast.cals_company.id}/closure"
    clock.forward(minutes=10)
    assert sue.get(url).location == f"/me/proof?next={url}"
    assert sue.post(url).status_code == 401


@pytest.mark.asvs("7.5.1")
def test_the_mail_password_that_others_inherit_is_grave_and_ones_own_is_not(cast, sue, clock):
    shared, own = cast.active_config(cast.sue), cast.config(cast.sue, name="Another")
    clock.forward(minutes=10)
    base = f"/t/{cast.sue.tenant.id}/mail-configs"
    assert sue.get(f"{base}/{own.id}/password").status_code == 200
    assert sue.get(f"{base}/{shared.id}/password").status_code == 303
    assert sue.post(f"{base}/{shared.id}/password", {"password": "new"}).status_code == 401

    form = sue.page(f"{base}/{shared.id}").fields()
    assert sue.post(f"{base}/{shared.id}", {**form, "password": "new"}).status_code == 401
    assert sue.post(f"{base}/{shared.id}", {**form, "from_name": "Sue", "password": ""}).status_code == 303


def test_what_is_foreign_does_not_exist_before_any_proof(cast, as_, clock):
    otto = as_(cast.otto)
    clock.forward(minutes=10)
    assert otto.get(f"/t/{cast.cals_company.id}/closure").status_code == 404
    config = cast.active_config(cast.sue)
    assert otto.get(f"/t/{cast.sue.tenant.id}/mail-configs/{config.id}/password").status_code == 404
    assert otto.get(f"/t/{cast.otto.tenant.id}/mail-configs/{config.id}/password").status_code == 404


def test_with_a_second_factor_the_password_alone_proves_nothing(cast, sue, services, clock):
    app = set_up(services, cast.sue, clock)
    clock.forward(minutes=10)
    url = "/me/proof?next=/me/password"
    assert prove(sue, url).status_code == 422
    assert prove(sue, url, one_time_password="000000").status_code == 422
    assert sue.get("/me/password").status_code == 303
    assert prove(sue, url, one_time_password=app.code()).location == "/me/password"
    clock.forward(minutes=11)
    assert prove(sue, url, one_time_password=app.recovery[0]).location == "/me/password"


@pytest.mark.parametrize("typed", ["", "wrong", "\0", "x" * 2000])
def test_a_wrong_password_proves_nothing_and_is_not_shown(sue, clock, typed):
    clock.forward(minutes=10)
    refused = prove(sue, "/me/proof", current_password=typed)
    assert refused.status_code == 422
    assert 'id="current_password-error"' in refused.text
    assert not typed or f'value="{typed}"' not in refused.text
    assert sue.get("/me/password").status_code == 303


def test_guessing_is_counted_before_it_is_compared(sue, clock):
    clock.forward(minutes=10)
    for _ in range(10):
        prove(sue, "/me/proof", current_password="wrong")
    assert prove(sue, "/me/proof").status_code == 429


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_elsewhere(sue, foreign):
    assert prove(sue, f"/me/proof?next={foreign}").location == "/"
    assert prove(sue, "/me/proof", next=foreign).location == "/"
