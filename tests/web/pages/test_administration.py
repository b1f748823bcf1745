"""The administration's front page, and the tests that start from the list, from a record, or from nothing saved."""

import pytest

from portal.domain.config_rules import judged
from portal.settings import InstanceDefault
from tests.cast import plant, typed_config
from tests.editing import filled, through
from tests.page import Browser
from tests.work import run_trials


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.mark.req("S0.6", "S0.7")
def test_one_page_groups_the_ways_to_users_profiles_and_the_security_of_mail(cast, sue):
    url = f"/t/{cast.sue.tenant.id}/administration"
    assert url in sue.page(f"/t/{cast.sue.tenant.id}/mail-configs").html
    page = sue.page(url)

    text = page.text
    places = [text.index(word) for word in ("Users", "Security", "Mail accounts")]
    assert places == sorted(places)
    hrefs = [each.get("href") for each in page.all("a")]
    for way in ("people", "profiles", "mail-configs", "trials/new", "mail-configs/new?by_hand=1"):
        assert f"/t/{cast.sue.tenant.id}/{way}" in hrefs


@pytest.mark.req("S0.5")
def test_the_root_reads_that_the_last_resort_is_the_deployments_and_nobodys_to_change(make_portal):
    default = InstanceDefault(judged(typed_config(signs_in=False, username="")), None)
    app = make_portal(instance_default=default)
    with app.app_context():
        pia = plant(app.extensions["portal.services"]).pia
    page = Browser.of(app, pia).page(f"/t/{pia.tenant.id}/administration")

    assert "the instance default from the deployment's environment is used. Nobody can change it here." in page.text


def test_a_customer_has_no_administration(cast, as_):
    assert as_(cast.cal).get(f"/t/{cast.cals_company.id}/administration").status_code == 403


@pytest.mark.req("S0.14", "S0.15")
def test_any_configuration_is_tested_from_the_list_in_a_form_of_its_own(cast, sue, services, mail_server):
    cast.active_config(cast.sue, name="In use")
    other = cast.config(cast.sue, name="Other", from_address="other@example.test", **mail_server.typed("tls"))
    page = sue.page(f"/t/{cast.sue.tenant.id}/trials/new")
    assert str(other.id) in [each.get("value") for each in page.all("option")]

    done = sue.post(
        f"/t/{cast.sue.tenant.id}/trials", {"config": str(other.id), "recipient": "sue@demo.test", "verb": "send"}
    )
    run_trials(services)
    assert "Test of Other" in sue.page(done.location).text
    assert [letter.sender for letter in mail_server.letters] == ["other@example.test"]


@pytest.mark.req("S0.11", "S0.15")
def test_a_record_opens_the_same_form_with_itself_chosen(cast, sue):
    config = cast.config(cast.sue, name="Other")
    way = f"/t/{cast.sue.tenant.id}/trials/new?config={config.id}"
    marked = sue.page(f"/t/{cast.sue.tenant.id}/mail-configs?select={config.id}")
    assert way in [each.get("href") for each in marked.all("a")]

    assert sue.page(way).fields()["config"] == str(config.id)


def test_the_form_of_what_is_foreign_or_nothing_does_not_exist(cast, sue):
    foreign = cast.config(cast.otto)

    for asked in (str(foreign.id), "nonsense"):
        assert sue.get(f"/t/{cast.sue.tenant.id}/trials/new?config={asked}").status_code == 404


@pytest.mark.req("S0.12")
def test_settings_typed_by_hand_are_tested_and_nothing_is_saved(cast, sue, services, mail_server):
    own = cast.sue.tenant.id
    page = sue.page(f"/t/{own}/mail-configs/new?by_hand=1")
    assert "Test settings typed by hand" in page.text
    assert [each for each in page.all("button") if each.get("name") == "then"] == []
    typed = {**through(mail_server), "from_address": "hand@example.test", "password": "open sesame"}
    fields = filled(page, **typed, username="office", same_as_sender=None, verb="send", recipient="sue@demo.test")
    done = sue.post(f"/t/{own}/mail-configs/{fields['config_id']}/trials", fields)
    run_trials(services)

    page = sue.page(done.location)
    assert [letter.sender for letter in mail_server.letters] == ["hand@example.test"]
    assert "Test settings typed by hand" in page.text
    assert [each for each in page.all("button") if each.get("name") == "then"] == []
    assert services.mail_configs.overview(cast.sue, own).lines == ()


def test_enter_in_a_form_typed_by_hand_checks_and_never_saves(cast, sue):
    page = sue.page(f"/t/{cast.sue.tenant.id}/mail-configs/new?by_hand=1")
    first = next(each for each in page.all("button") if each.get("aria-hidden") == "true")

    assert (first["name"], first["value"]) == ("verb", "check")
    assert first["formaction"].endswith("/trials")


@pytest.mark.req("S2.8")
def test_the_port_says_what_is_usual_and_who_knows_for_certain(cast, sue):
    page = sue.page(f"/t/{cast.sue.tenant.id}/mail-configs/new")

    assert "Often 25 without sign-in, 587 or 465 with it. Your provider confirms it." in page.text
    for port in ("25 · unencrypted", "465 · SSL/TLS", "587 · STARTTLS"):
        assert port in page.text
