"""Sue typed the wrong method of encryption. The test says what it was, and one click mends it; no script is needed."""

import pytest

from tests.editing import filled, list_url, new_url, through
from tests.work import run_trials


def result_of(browser, services, page, typed):
    button = next(each for each in page.all("button", name="verb", value="send"))
    location = browser.post(button["formaction"], {**typed, "verb": "send"}).location
    run_trials(services)
    return browser.page(location)


def applied(browser, services, page, **typed):
    button = next(each for each in page.all("button", name="proposal"))
    answer = browser.post(button["formaction"], {**filled(page, **typed), "proposal": button["value"]})
    run_trials(services)
    return browser.page(answer.location)


@pytest.mark.req("S4.18", "S4.20", "S2.14", "S2.15")
def test_the_wrong_method_is_found_mended_and_tested_again_without_typing_the_password_twice(
    cast, as_, services, mail_server
):
    sue, here = as_(cast.sue), cast.sue.tenant.id
    form = sue.page(new_url(here))
    wrong = {**through(mail_server, "tls"), "port": str(mail_server.starttls_port)}
    failed = result_of(
        sue, services, form, filled(form, **wrong, from_address="office@sue.example", password="open sesame")
    )

    assert "the server does not speak TLS on this port" in failed.text
    assert "Apply: encrypt by STARTTLS on this port" in failed.text
    mended = applied(sue, services, failed)

    assert "The configuration is correct" in mended.text
    assert mended.value("from_address") == "office@sue.example"
    assert len(mail_server.letters) == 1
    saved = sue.page(sue.post(list_url(here), filled(mended, name="Office relay")).location)
    assert "Saved. Select it in the list to use it." in saved.text


def test_a_proposal_for_what_is_saved_opens_it_in_the_form_and_saves_nothing(cast, as_, services, mail_server):
    typed = {**mail_server.typed("starttls"), "encryption": "none", "signs_in": False}
    config = cast.config(cast.sue, **typed)
    sue, here = as_(cast.sue), cast.sue.tenant.id
    location = sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "send"}).location
    run_trials(services)
    failed = sue.page(location)

    assert "Apply:" in failed.text
    mended = applied(sue, services, failed)
    assert "Edit SMTP Settings" in mended.text
    assert services.mail_configs.get(cast.sue, here, config.id).draft.destination.encryption.value == "none"


def test_what_is_not_proposed_is_not_applied(cast, as_, services, mail_server):
    config = cast.config(cast.sue, **mail_server.typed("starttls"))
    sue, here = as_(cast.sue), cast.sue.tenant.id
    location = sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "check"}).location
    answer = sue.post(f"{location}/proposals", {"proposal": "starttls-port"})

    assert answer.status_code == 303
    assert "not proposed any more" in sue.page(answer.location).text
    assert mail_server.letters == []


def test_a_proposal_for_an_inherited_configuration_tells_nothing(cast, as_, services, mail_server):
    cast.active_config(cast.rex, **{**mail_server.typed("tls"), "port": str(mail_server.starttls_port)})
    sue, here = as_(cast.sue), cast.sue.tenant.id
    location = sue.post(f"/t/{here}/trials", {"config": "provider-default", "verb": "send"}).location
    run_trials(services)
    page = sue.page(location)

    assert "Apply:" not in page.text
    assert "TLS" not in page.text
