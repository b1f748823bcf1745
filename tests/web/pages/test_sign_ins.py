"""The way in, and what becomes of a form when the session ends inside of it."""

import inspect
import pkgutil
from importlib import import_module

import pytest
from wtforms import PasswordField

from portal.web import forms
from tests.page import Browser, Page
from tests.work import deliver_all


@pytest.fixture
def tired(cast, as_, clock):
    """Rex's browser half an hour and a bit after his last click."""
    browser = as_(cast.rex)
    token = browser.token()
    clock.forward(minutes=31)

    def post(url, fields):
        return browser._checked(browser.client.post(url, data={"csrf_token": token, **fields}))

    browser.post_as_before = post
    return browser


def signed_in_again(browser, answer, *, password="correct horse battery", email="rex@demo.test"):
    fields = Page(answer.text).fields()
    return browser._checked(browser.client.post("/sign-in", data={**fields, "email": email, "password": password}))


def test_whoever_forgot_his_password_finds_the_way_from_the_sign_in(as_):
    assert "/password-resets/new" in as_().page("/sign-in").html


def test_a_page_that_needs_a_sign_in_leads_there_and_back(cast, as_):
    url = f"/t/{cast.rex.tenant.id}/tree?q=cal"
    browser = as_()

    asked = browser.get(url)
    assert asked.status_code == 303
    back = signed_in_again(browser, browser.get(asked.location))

    assert (back.status_code, back.location) == (303, url)


def test_what_was_typed_survives_the_end_of_the_session(cast, tired, services):
    url = f"/t/{cast.rex.tenant.id}/children"
    typed = {"kind": "customer", "name": "Müller & “Söhne”", "owner_name": "Cal", "owner_email": "new@demo.test"}

    ended = tired.post_as_before(url, typed)
    assert ended.status_code == 401
    assert ended.headers["Cache-Control"] == "no-store"
    assert "Your session has ended" in Page(ended.text).text

    page = Page(signed_in_again(tired, ended).text)
    assert "Your input is still here" in page.text
    assert page.all("form", method="post")[0]["action"] == url
    done = tired._checked(tired.client.post(url, data=page.fields()))

    assert done.status_code in {200, 303}
    below = services.tenants.tree(cast.rex, cast.rex.tenant.id).branches
    assert "Müller & “Söhne”" in {each.tenant.name for each in below}


def test_the_target_still_judges_what_was_carried_on(cast, tired):
    url = f"/t/{cast.rex.tenant.id}/children"

    page = Page(signed_in_again(tired, tired.post_as_before(url, {"kind": "customer", "name": ""})).text)
    judged = tired._checked(tired.client.post(url, data=page.fields()))

    assert judged.status_code == 422
    assert "Type the name of the company." in judged.text


def test_what_was_typed_survives_a_mistyped_password(cast, tired):
    ended = tired.post_as_before(f"/t/{cast.rex.tenant.id}/children", {"name": "Patience Ltd"})

    refused = signed_in_again(tired, ended, password="wrong")

    assert refused.status_code == 422
    assert Page(refused.text).value("typed-name") == "Patience Ltd"


def test_passwords_and_tokens_are_never_carried_on(tired):
    ended = tired.post_as_before(
        "/me/password", {"current_password": "s3cret-1", "password": "s3cret-2", "note": "kept"}
    )

    assert "s3cret" not in ended.text
    assert [name for name in Page(ended.text).fields() if name.startswith("typed-")] == ["typed-note"]

    forged = {**Page(ended.text).fields(), "typed-password": "s3cret-3", "typed-csrf_token": "s3cret-4"}
    again = tired.client.post(
        "/sign-in", data={**forged, "email": "rex@demo.test", "password": "correct horse battery"}
    )
    assert "s3cret" not in again.text


@pytest.mark.parametrize(
    "much", [{f"field{number}": "x" for number in range(101)}, {"field": "x" * (64 * 1024)}], ids=["many", "long"]
)
def test_too_much_is_not_carried_on_but_the_sign_in_still_works(tired, much):
    ended = tired.post_as_before("/me/trials", much)

    assert ended.status_code == 401
    assert [name for name in Page(ended.text).fields() if name.startswith("typed-")] == []
    assert signed_in_again(tired, ended).status_code == 200


def test_a_forged_form_is_refused_before_anything_of_it_is_kept(cast, as_):
    answer = as_().client.post(f"/t/{cast.rex.tenant.id}/children", data={"name": "From elsewhere"})

    assert answer.status_code == 400
    assert "From elsewhere" not in answer.text


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    "foreign",
    ["https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "javascript:x", "/a\nb", "//[", "/\\[", ""],
)
@pytest.mark.parametrize("resume", ["", "post"])
def test_nobody_is_led_elsewhere_after_signing_in(cast, as_, foreign, resume):
    browser = as_()

    answer = browser.post(
        "/sign-in",
        {"email": "rex@demo.test", "password": "correct horse battery", "next": foreign, "resume": resume},
        at="/sign-in",
    )

    assert (answer.status_code, answer.location) == (303, "/")


def test_every_password_field_says_so_in_its_name_because_that_keeps_it_from_being_carried_on():
    modules = [import_module(f"portal.web.forms.{each.name}") for each in pkgutil.iter_modules(forms.__path__)]
    fields = {
        name: field.field_class
        for module in modules
        for _, form in inspect.getmembers(module, inspect.isclass)
        for name, field in inspect.getmembers(form)
        if hasattr(field, "field_class")
    }

    assert "current_password" in fields
    assert [name for name, kind in fields.items() if issubclass(kind, PasswordField) and "password" not in name] == []


def test_a_browser_is_recognised_by_a_mark_that_no_script_reads(cast, app, mail_server, services):
    cast.active_config(cast.rex, **mail_server.typed("none"))
    known, other = Browser.of(app), Browser.of(app)
    for browser in (known, known, other):
        browser.sign_in("sue@demo.test")
    deliver_all(services)
    cookie = known.client.get_cookie(f"{app.config['SESSION_COOKIE_NAME']}-browser")

    assert len(mail_server.letters) == 1
    assert (cookie.http_only, cookie.same_site, len(cookie.value)) == (True, "Lax", 43)
    assert "an unknown browser" in mail_server.letters[0].text
