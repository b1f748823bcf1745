"""The Provider default on screen: readable, testable, and nothing more."""

import pytest

from tests.editing import list_url
from tests.work import run_trials


def default_url(tenant_id):
    return list_url(tenant_id, "/provider-default")


@pytest.mark.req("S1.5", "S1.7", "S3.13")
def test_it_shows_who_sets_it_and_its_sender_as_locked_values_and_no_way_to_change_them(cast, as_):
    cast.active_config(cast.pia, host="secret-host.test", username="secret-user", from_address="noreply@pia.test")

    page = as_(cast.sue).page(default_url(cast.sue.tenant.id))

    assert page.html.count("locked__value") == 2
    assert "set by Rex Hosting" in page.text
    assert "noreply@pia.test" in page.text
    assert {each["name"] for each in page.all("input") if each.get("type") != "hidden"} == {"recipient"}
    assert "Save" not in page.text
    assert "secret" not in page.html


def test_a_parent_may_hide_the_sender(cast, as_):
    cast.active_config(cast.pia, from_address="noreply@pia.test")
    rex = cast.rex.tenant
    cast.services.tenants.rename(cast.rex, rex.id, name=rex.name, shows_sender=False, version=rex.version)

    page = as_(cast.sue).page(default_url(cast.sue.tenant.id))

    assert "not shown by Rex Hosting" in page.text
    assert "noreply@pia.test" not in page.html


def test_the_root_has_none_unless_its_deployment_has_one(cast, as_):
    assert as_(cast.pia).get(default_url(cast.pia.tenant.id)).status_code == 404


def test_its_test_tells_the_outcome_alone(cast, as_, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("starttls"), username="secret-user")
    sue = as_(cast.sue)
    page = sue.page(default_url(cast.sue.tenant.id))

    answer = sue.post(page.all("form", method="post")[-1]["action"], {**page.fields(), "verb": "send"})
    run_trials(services)

    result = sue.page(answer.location)
    assert "The server accepted the mail for sue@demo.test" in result.text
    assert "The Provider default works." in result.text
    assert [word for word in ("127.0.0.1", "secret-user", 'class="steps"', "transcript") if word in result.html] == []
    assert [letter.recipients for letter in mail_server.letters] == [("sue@demo.test",)]
    assert "Working" in sue.page(list_url(cast.sue.tenant.id)).text


def test_while_something_else_is_selected_it_says_so_instead_of_testing_that(cast, as_):
    cast.active_config(cast.pia)
    cast.active_config(cast.sue)

    page = as_(cast.sue).page(default_url(cast.sue.tenant.id))

    assert "Select this one in the list to test it." in page.text
    assert page.all("button", value="send") == []
