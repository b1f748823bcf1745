"""What touches the mail of many wants a name typed, wherever it is done."""

import pytest

from portal.domain import impact
from tests.editing import filled


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr(impact, "MANY_COMPANIES", 1)


@pytest.fixture
def rex(cast, as_):
    return as_(cast.rex)


@pytest.fixture
def relay(cast):
    return cast.active_config(cast.rex, name="Rex's relay")


def selected(services, cast):
    return services.mail_configs.overview(cast.rex, cast.rex.tenant.id).tenant.active_config_id


def test_a_selection(cast, rex, relay, services):
    other = cast.config(cast.rex, name="Other relay")
    url = f"/t/{cast.rex.tenant.id}/selection"
    asked = rex.post(url, {"config": str(other.id)})
    assert asked.status_code == 422
    assert "3 companies" in asked.text
    assert "exactly as it is called" not in asked.text
    assert rex.post(url, {"config": str(other.id), "confirmation": "rex"}).status_code == 422
    assert selected(services, cast) == relay.id

    assert rex.post(url, {"config": str(other.id), "confirmation": "Other relay"}).status_code == 303
    assert selected(services, cast) == other.id
    assert "Provider default" in rex.page(f"{url}?config=provider-default").text


def test_a_deletion(cast, rex, relay, services):
    url = f"/t/{cast.rex.tenant.id}/mail-configs/{relay.id}/deletion"
    assert "Type “Rex's relay” to go on" in rex.page(url).text
    refused = rex.post(url, {})
    assert refused.status_code == 422
    assert "exactly as it is called" in refused.text

    assert rex.post(url, {"confirmation": "Rex's relay"}).status_code == 303
    assert selected(services, cast) is None


def test_another_server_or_sender_but_not_another_name(cast, rex, relay, services):
    url = f"/t/{cast.rex.tenant.id}/mail-configs/{relay.id}"
    renamed = rex.post(url, filled(rex.page(url), name="Relay"))
    assert renamed.status_code == 303

    changes = filled(rex.page(url), from_address="other@rex.example")
    refused = rex.post(url, changes)
    assert refused.status_code == 422
    assert "Type “Relay”, exactly as it is called." in refused.text
    assert rex.post(url, {**changes, "confirmation": "Relay"}).status_code == 303


def test_saving_and_using_asks_before_it_uses(cast, rex, relay, services):
    other = cast.config(cast.rex, name="Other relay")
    url = f"/t/{cast.rex.tenant.id}/mail-configs/{other.id}"
    done = rex.post(url, filled(rex.page(url), then="use"))

    assert done.location.endswith(f"/selection?config={other.id}")
    assert "Use “Other relay”?" in rex.page(done.location).text
    assert selected(services, cast) == relay.id


@pytest.mark.parametrize("what", ["suspension", "closure"])
def test_a_rest_and_an_end(cast, as_, services, what):
    pia = as_(cast.pia)
    company = services.tenants.create(cast.pia, cast.pia.tenant.id, kind="reseller", name="Many")
    if what == "suspension":
        services.tenants.create(cast.pia, company.id, kind="customer", name="One more")
    else:
        impact.MANY_COMPANIES = 0  # taken back when the test is over
    url = f"/t/{company.id}/{what}"
    assert "Type “Many” to go on" in pia.page(url).text

    assert pia.post(url, {"confirmation": "many more"}).status_code == 422
    assert pia.post(url, {"confirmation": "many"}).status_code == 303
