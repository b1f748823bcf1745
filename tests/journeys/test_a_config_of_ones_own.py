"""Sue's story: she finds her Provider default, adds a configuration, tests it, saves it, selects it, and mail goes that way."""

import re
from html import unescape

import pytest

from portal.domain.mail_config import Encryption
from tests.editing import filled, list_url, new_url, through, toast_of
from tests.page import Browser, Page
from tests.work import run_trials


def chosen(page):
    return [each["aria-label"] for each in page.all("input", type="radio") if "checked" in each]


def link_to(page, text):
    """The address behind a link, as somebody finds it who reads the page."""
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page.html, re.DOTALL)
    return unescape(next(address for address, inside in links if Page(inside).text == text))


@pytest.mark.req(
    "S1.3",
    "S1.5",
    "S1.8",
    "S1.17",
    "S1.18",
    "S1.19",
    "S1.20",
    "S1.21",
    "S1.22",
    "S1.24",
    "S1.30",
    "S3.22",
    "S4.15",
    "S4.17",
    "S4.19",
)
def test_from_the_provider_default_to_a_config_of_ones_own(cast, as_, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    sue, here = as_(cast.sue), cast.sue.tenant.id

    start = sue.page(sue.get("/").location)
    assert "Mail of Sue & Partners leaves through the Provider default of Rex Hosting" in start.text
    home = sue.page(f"/t/{here}/mail-configs")
    assert chosen(home) == ["Use Provider default"]

    form = sue.page(link_to(home, "Add config"))
    assert "Add SMTP Settings" in form.text
    assert form.value("recipient") == "sue@demo.test"
    typed = filled(
        form, **through(mail_server), from_address="office@sue.example", from_name="Čeněk", password="open sesame", charset="iso-8859-2"
    )  # fmt: skip

    test_button = next(each for each in form.all("button", name="verb", value="send"))
    tested_at = sue.post(test_button["formaction"], {**typed, "verb": "send"}).location
    run_trials(services)
    tested = sue.page(tested_at)
    assert "The configuration is correct" in tested.text
    [letter] = mail_server.letters
    assert (letter.recipients, letter.charset, letter.encrypted) == (("sue@demo.test",), "iso-8859-2", True)
    assert letter.message["From"] == "Čeněk <office@sue.example>"

    saved = sue.page(sue.post(list_url(here), filled(tested, name="Office relay")).location)
    assert "Saved. Select it in the list to use it." in toast_of(saved)
    assert chosen(saved) == ["Use Provider default"]

    office = next(
        each["value"] for each in saved.all("input", type="radio") if each["aria-label"] == "Use Office relay"
    )
    selected = sue.page(sue.post(f"/t/{here}/selection", {"config": office}).location)
    assert "Success: now using “Office relay”" in toast_of(selected)
    assert chosen(selected) == ["Use Office relay"]

    mail_server.clear()
    effective = sue.post(f"/t/{here}/trials", {"config": "provider-default", "verb": "send"}).location
    run_trials(services)
    assert "The configuration is correct" in sue.page(effective).text
    assert [letter.sender for letter in mail_server.letters] == ["office@sue.example"]


@pytest.mark.req("S1.4", "S1.7", "S1.25", "S1.26", "S3.9", "S3.23", "S3.24")
def test_editing_and_deleting_it_again(cast, as_):
    config = cast.active_config(cast.sue)
    sue, here = as_(cast.sue), cast.sue.tenant.id

    form = sue.page(link_to(sue.page(list_url(here)), "Office relay"))
    assert "Edit SMTP Settings" in form.text
    sue.post(list_url(here, f"/{config.id}"), filled(form, port="465", password="open sesame"))
    place = cast.services.mail_configs.get(cast.sue, here, config.id).draft.destination
    assert (place.port, place.encryption) == (465, Encryption.TLS)

    form = sue.page(list_url(here, f"/{config.id}"))
    question = link_to(form, "Delete")
    assert "Yes, delete" in sue.page(question).text
    page = sue.page(sue.post(question).location)
    assert "Success: deleted “Office relay”." in toast_of(page)
    assert chosen(page) == ["Use Provider default"]


@pytest.mark.req("S3.4")
def test_in_the_demo_a_newcomer_needs_one_click_to_fill_the_form_and_no_password(demo_app, running_demo):
    services = demo_app.extensions["portal.services"]
    sue = Browser(demo_app.test_client())
    sue.sign_in("sue@demo.test")
    here = sue.get("/").location.split("/")[2]
    form = sue.page(new_url(here))
    [fill] = form.all("button", name="fill", value="starttls")
    preset = Page(sue.post(fill["formaction"], {**form.fields(), "fill": "starttls"}).text)

    tested_at = sue.post(
        preset.all("button", value="send")[0]["formaction"], {**preset.fields(), "verb": "send"}
    ).location
    run_trials(services)

    assert "The configuration is correct" in sue.page(tested_at).text
    assert len(running_demo.mailbox.newest(5)) == 1
