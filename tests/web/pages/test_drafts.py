"""A preset or a remedy is put into the form by one click, without scripts, and nothing is saved by that."""

import re

import pytest

from tests.editing import filled, list_url, new_url
from tests.page import Browser, Page


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def here(cast):
    return cast.sue.tenant.id


@pytest.fixture
def change(sue, here):
    """Type into an empty form, press a button of the draft, and get the page that comes back."""

    def change_(button, value="", headers=None, **typed):
        form = sue.page(new_url(here))
        url = form.all("button", name="fill")[0]["formaction"]
        answer = sue.post(url, {**filled(form, **typed), button: value}, headers=headers or {})
        assert answer.status_code == 200, answer.status_code
        return Page(answer.text)

    return change_


def shown(page, *names):
    fields = page.fields()
    return tuple(fields.get(name, "") for name in names)


def noted(page):
    """The fields beside whose label stands where the value comes from."""
    return set(re.findall(r'<label[^>]*for="(\w+)">[^<]*</label>(?:<span[^>]*required[^>]*>[^<]*</span>)?<span class="field__note">', page.html))  # fmt: skip


def focused(page):
    return [each.get("name") for _, each in page.tags if "autofocus" in each]


def test_a_preset_fills_the_empty_form_says_what_it_filled_and_saves_nothing(cast, change, here):
    page = change("fill", "chosen", provider="Fastmail")

    assert shown(page, "name", "host", "port", "encryption", "use_ssl") == (
        "Fastmail", "smtp.fastmail.com", "465", "", "y",
    )  # fmt: skip
    assert "Filled in from the preset “Fastmail”. Nothing is saved yet." in page.text
    assert noted(page) == {"name", "host", "port", "encryption"}
    assert "does not take the account's own password here: make an app password" in page.text
    assert focused(page) == ["from_address"]
    assert cast.services.mail_configs.overview(cast.sue, here).lines == ()


def test_what_was_typed_stays_until_its_owner_gives_it_away(sue, change):
    page = change("fill", "Fastmail", name="Office", host="smtp.sue.example", port="2525")

    assert shown(page, "name", "host", "port") == ("Office", "smtp.sue.example", "2525")
    assert "As you typed it: Name, Server address, Port, Method of encryption." in page.text

    [over] = page.all("button", name="fill_over")
    page = Page(sue.post(over["formaction"], {**page.fields(), "fill_over": over["value"]}).text)

    assert shown(page, "name", "host", "port") == ("Fastmail", "smtp.fastmail.com", "465")
    assert not page.all("button", name="fill_over")


def test_a_provider_that_wants_a_word_as_user_name_gets_it(sue, change):
    page = change("fill", "SendGrid", from_address="office@sue.example", username="office@sue.example")
    assert shown(page, "username", "same_as_sender") == ("apikey", "")

    url = page.all("button", name="fill")[0]["formaction"]
    page = Page(sue.post(url, {**page.fields(), "fill": "Fastmail"}).text)

    assert shown(page, "username", "same_as_sender", "host") == ("", "y", "smtp.fastmail.com")


def test_a_name_that_is_taken_is_left_to_the_person(cast, change):
    cast.config(cast.sue, name="fastmail")

    page = change("fill", "Fastmail")

    assert shown(page, "name", "host") == ("", "smtp.fastmail.com")
    assert focused(page) == ["name"]


def test_a_preset_that_nobody_knows_changes_nothing(change):
    page = change("fill", "Nobody's Mail", host="smtp.sue.example")

    assert shown(page, "host", "preset") == ("smtp.sue.example", "")
    assert "Filled in" not in page.text


def test_the_senders_domain_suggests_its_provider_without_asking_anybody(sue, change):
    page = change("look", from_address="sue@gmx.com")
    assert "This looks like an address of GMX." in page.text
    [suggested] = [each for each in page.all("button", name="fill") if each.get("value") == "GMX"]

    page = Page(sue.post(suggested["formaction"], {**page.fields(), "fill": "GMX"}).text)

    assert shown(page, "from_address", "host") == ("sue@gmx.com", "mail.gmx.com")
    assert "This looks like an address of" not in re.sub(r'data-sentence="[^"]*"', "", page.html)


def test_a_saved_configuration_keeps_all_of_its_own_until_that_is_confirmed(cast, sue, here):
    config = cast.config(cast.sue)
    form = sue.page(list_url(here, f"/{config.id}"))
    url = form.all("button", name="fill")[0]["formaction"]

    page = Page(sue.post(url, {**form.fields(), "fill": "Fastmail"}).text)

    assert "Edit SMTP Settings" in page.text
    assert shown(page, "name", "host") == (config.name, config.draft.destination.host)
    assert "As you typed it: Name, Server address" in page.text
    assert cast.services.mail_configs.get(cast.sue, here, config.id) == config


@pytest.mark.req("S2.8", "S2.14", "S2.15")
@pytest.mark.parametrize(
    ("port", "typed", "told"),
    [
        ("465", {}, ("On port 465 the connection is encrypted from the first byte.", "")),
        ("587", {}, ("On port 587 the connection is upgraded by STARTTLS", "")),
        ("2525", {}, ("On port 2525 the connection is upgraded by STARTTLS", "")),
        ("25", {"use_ssl": None}, ("Port 25 without encryption is common for servers that know you", "")),
        ("465", {"encryption": "starttls"}, ("Port 465 usually expects encryption from the first byte", "tls")),
        ("587", {"encryption": "tls"}, ("Port 587 usually begins in the open", "starttls")),
        ("587", {"use_ssl": None}, ("Port 587 usually begins in the open and wants STARTTLS", "starttls")),
    ],
)
def test_port_and_method_explain_each_other_and_are_mended_by_one_click(sue, change, port, typed, told):
    said, mend = told
    page = change("look", port=port, **typed)

    assert said in page.text
    offered = [each["value"] for each in page.all("button", name="mend") if "hidden" not in each]
    assert offered == ([mend] if mend else [])
    if mend:
        url = page.all("button", name="mend")[0]["formaction"]
        page = Page(sue.post(url, {**page.fields(), "mend": mend}).text)
        assert [each for each in page.all("button", name="mend") if "hidden" not in each] == []
        assert shown(page, "use_ssl", "port") == ("y", port)


def test_nothing_but_more_protection_can_be_asked_for_as_a_remedy(sue, here):
    form = sue.page(new_url(here))
    url = form.all("button", name="fill")[0]["formaction"]

    assert sue.post(url, {**form.fields(), "mend": "none"}).status_code == 404


def test_a_typed_password_never_comes_back_and_a_pop_up_is_told_to_keep_its_own(change):
    whole = change("fill", "Fastmail", password="canary-5521")
    popup = change("fill", "Fastmail", headers={"HX-Request": "true"}, password="canary-5521")

    assert "Type the password again: it is never sent back to a page." in whole.text
    assert "data-password-stays" in popup.html
    assert "Type the password again" not in popup.text
    assert "canary" not in whole.html + popup.html


def test_the_demos_password_goes_nowhere_but_to_the_demo(demo_app, running_demo):
    sue = Browser(demo_app.test_client())
    sue.sign_in("sue@demo.test")
    here = sue.get("/").location.split("/")[2]
    form = sue.page(new_url(here))
    url = form.all("button", name="fill")[0]["formaction"]
    page = Page(sue.post(url, {**form.fields(), "fill": "starttls"}).text)
    assert "The demo server's own password is used." in page.text
    assert focused(page) == ["name"]

    page = Page(sue.post(url, {**page.fields(), "fill": "Fastmail"}).text)

    assert shown(page, "host", "preset", "trust_kind") == ("smtp.fastmail.com", "Fastmail", "system")
    assert "The demo server's own password is used." not in page.text
