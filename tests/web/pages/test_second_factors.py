"""A second factor through the pages: set up, asked for, lost, and required."""

import re

import pytest
from passlib.totp import TOTP

from portal.domain.second_factor import Rule
from tests.cast import PASSWORD, plant
from tests.page import Browser, Page
from tests.second_factors import set_up

KEY = re.compile(r'class="security__key" dir="ltr">([A-Z2-7 ]+)<')
CODE = re.compile(r"<li>([A-Z2-7]{4}(?: [A-Z2-7]{4}){5})</li>")


def token(key, clock):
    return TOTP(key.replace(" ", "")).generate(int(clock().timestamp())).token


def set_up_in(browser, clock):
    """Through the pages; returns the key and the recovery codes."""
    begun = browser.post("/me/second-factor", at="/me/second-factor")
    key = KEY.search(browser.get(begun.location).text).group(1)
    done = browser.post("/me/second-factor/code", {"one_time_password": token(key, clock)}, at=begun.location)
    assert done.status_code == 200
    return key, CODE.findall(done.text)


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


def test_it_is_set_up_by_a_picture_or_a_key_and_confirmed_by_a_code(sue, clock):
    key, codes = set_up_in(sue, clock)

    assert (len(key.replace(" ", "")), len(codes)) == (32, 10)
    page = sue.page("/me/security")
    assert "10 recovery codes are left." in page.text
    assert key not in page.html
    assert sue.get("/me/second-factor/code").location == "/me/second-factor"


def test_the_picture_holds_what_the_key_says(cast, sue, services, app):
    sue.post("/me/second-factor", at="/me/second-factor")
    page = sue.page("/me/second-factor/code")
    with app.app_context():
        uri = services.security.second_factors.offered(cast.sue).uri

    assert KEY.search(page.html).group(1).replace(" ", "") in uri
    drawn = {(int(x) - 4, int(y) - 4) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", page.html)}
    assert drawn == modules(uri)


def modules(text):
    import segno

    rows = segno.make(text, error="m", micro=False).matrix
    return {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


@pytest.mark.parametrize("typed", ["", "000000", "x" * 200, "\0", "nonsense"])
def test_a_wrong_code_is_refused_at_its_field_and_not_shown_again(sue, typed):
    sue.post("/me/second-factor", at="/me/second-factor")
    refused = sue.post("/me/second-factor/code", {"one_time_password": typed}, at="/me/second-factor/code")

    assert refused.status_code == 422
    assert 'id="one_time_password-error"' in refused.text
    assert not typed or f'value="{typed}"' not in refused.text
    assert "off" in sue.page("/me/security").text


def test_looking_at_the_pages_makes_no_key(sue):
    sue.page("/me/second-factor")
    assert sue.get("/me/second-factor/code").location == "/me/second-factor"


@pytest.mark.asvs("6.3.3", "7.2.4")
def test_a_sign_in_takes_two_steps_and_leads_to_where_it_was_to(cast, services, as_, clock):
    app = set_up(services, cast.sue, clock)
    clock.forward(seconds=60)
    browser = as_()
    form = {"email": "sue@demo.test", "password": PASSWORD, "next": "/me/mail"}
    asked = browser.post("/sign-in", form, at="/sign-in")
    assert asked.status_code == 200
    assert browser.get("/me/mail").location.startswith("/sign-in?next=")

    wrong = browser.post("/sign-in/code", {"one_time_password": "000000"}, at="/sign-in/code")
    before = browser.client.get_cookie("portal").value
    done = browser.post(
        "/sign-in/code", {"one_time_password": app.code(), "next": "/me/mail"}, at="/sign-in/code?next=/me/mail"
    )
    assert (wrong.status_code, done.status_code, done.location) == (422, 303, "/me/mail")
    assert browser.client.get_cookie("portal").value != before
    assert browser.page("/me/mail")


def test_the_cookie_of_half_a_sign_in_is_worth_nothing_after_the_whole_one(cast, services, as_, clock):
    app = set_up(services, cast.sue, clock)
    clock.forward(seconds=60)
    browser = as_()
    browser.sign_in("sue@demo.test")
    half = browser.client.get_cookie("portal").value
    browser.post("/sign-in/code", {"one_time_password": app.code()}, at="/sign-in/code")
    clock.forward(seconds=60)

    browser.client.set_cookie("portal", half)
    assert browser.get("/sign-in/code").location == "/sign-in"
    assert browser.get("/me/mail").status_code == 303


def test_what_was_typed_into_a_form_comes_back_after_both_steps_without_the_code(cast, services, as_, clock):
    app = set_up(services, cast.sue, clock)
    clock.forward(seconds=60)
    browser, url = as_(), f"/t/{cast.sue.tenant.id}/invitations"
    typed = {"next": url, "resume": "post", "typed-name": "Sam", "typed-one_time_password": "123456"}
    first = browser.post("/sign-in", {"email": "sue@demo.test", "password": PASSWORD, **typed}, at="/sign-in")
    assert 'name="typed-name" value="Sam"' in first.text
    fields = {**Page(first.text).fields(), "one_time_password": app.code()}
    done = browser.client.post("/sign-in/code", data=fields)

    assert done.status_code == 200
    assert (Page(done.text).fields()["name"], "123456" in done.text) == ("Sam", False)


def test_a_second_step_without_a_first_or_too_late_leads_back(cast, services, as_, clock):
    assert as_().get("/sign-in/code").location == "/sign-in"
    set_up(services, cast.sue, clock)
    browser = as_()
    browser.sign_in("sue@demo.test")
    clock.forward(minutes=6)
    late = browser.post("/sign-in/code", {"one_time_password": "000000"}, at="/sign-in")
    assert late.location == "/sign-in"


def test_too_many_codes_are_too_many_even_for_the_right_one(cast, services, as_, clock):
    app = set_up(services, cast.sue, clock)
    clock.forward(seconds=60)
    browser = as_()
    browser.sign_in("sue@demo.test")
    for _ in range(10):
        browser.post("/sign-in/code", {"one_time_password": "000000"}, at="/sign-in/code")

    assert browser.post("/sign-in/code", {"one_time_password": app.code()}, at="/sign-in/code").status_code == 429


def test_new_recovery_codes_and_the_removal_are_asked_about_first(sue, clock):
    _key, codes = set_up_in(sue, clock)
    assert "Make new recovery codes?" in sue.page("/me/recovery-codes").text
    renewed = CODE.findall(sue.post("/me/recovery-codes").text)
    assert (len(renewed), set(renewed) & set(codes)) == (10, set())

    assert "Remove the second factor?" in sue.page("/me/second-factor/removal").text
    assert sue.post("/me/second-factor/removal").location == "/me/security"
    assert "is removed" in sue.page("/me/security").text
    assert sue.post("/me/recovery-codes").location == "/me/security"


def test_an_owner_above_removes_a_lost_one(cast, services, as_, clock):
    set_up(services, cast.sue, clock)
    rex, url = as_(cast.rex), f"/t/{cast.sue.tenant.id}/people/{cast.sue.user_id}/security"
    assert "Has a second factor since" in rex.page(url).text
    rex.post(f"{url}/second-factor")

    assert "Has no second factor." in rex.page(url).text
    assert as_().sign_in("sue@demo.test").status_code == 303
    assert rex.post(f"{url}/second-factor").status_code == 303


@pytest.fixture
def strict(make_portal):
    """A portal in which owners need a second factor, and its cast."""
    app = make_portal(second_factor=Rule.OWNERS)
    with app.app_context():
        yield app, plant(app.extensions["portal.services"])


@pytest.mark.asvs("6.3.3")
def test_where_owners_need_one_they_are_led_to_it_and_do_nothing_before(strict, clock):
    app, cast = strict
    sue = Browser.of(app)
    sue.sign_in("sue@demo.test")
    own = f"/t/{cast.sue.tenant.id}"
    for url in ("/me/mail", "/me/security", "/me/password", f"{own}/mail-configs", f"/t/{cast.otto.tenant.id}/people"):
        assert (sue.get(url).status_code, sue.get(url).location) == (303, "/me/second-factor")
    at = "/me/second-factor"
    assert sue.post(f"{own}/children", {"name": "New", "kind": "customer"}, at=at).location == at
    assert sue.post("/me/second-factor/removal", at=at).location == at
    assert "Owners need a second factor here." in sue.page(at).text

    set_up_in(sue, clock)
    assert sue.page(f"{own}/mail-configs")


def test_where_owners_need_one_nobody_else_does_and_everybody_may_leave(strict):
    app, _cast = strict
    cal, sue = Browser.of(app), Browser.of(app)
    cal.sign_in("cal@demo.test")
    sue.sign_in("sue@demo.test")

    assert cal.page("/me/mail")
    assert sue.post("/sign-out", at="/me/second-factor").location == "/sign-in"


def test_a_pop_up_is_led_there_with_the_whole_page(strict):
    app, _cast = strict
    sue = Browser.of(app)
    sue.sign_in("sue@demo.test")
    answer = sue.get("/me/password", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/me/second-factor")


def test_the_key_and_the_codes_are_kept_by_no_browser(sue, clock):
    sue.post("/me/second-factor", at="/me/second-factor")
    assert sue.get("/me/second-factor/code").headers["Cache-Control"] == "no-store"
