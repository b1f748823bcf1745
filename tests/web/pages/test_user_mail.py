"""The mail of a user on one page: what it uses and why, what is linked, a configuration made for him, and a test."""

import pytest

from portal.domain.ids import new_id
from portal.domain.trial import Verb
from portal.store import trials
from portal.store.db import SYSTEM, reading
from tests.editing import filled
from tests.page import Page, undo_in
from tests.work import run_trials


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def url(cast):
    """The page of Cal's mail, which Sue looks after as the owner above."""
    return f"/t/{cast.cals_company.id}/people/{cast.cal.user_id}/mail"


def typed_form(page, **typed):
    usual = {"from_address": "cal@example.test", "host": "smtp.example.test", "password": "open sesame"}
    return filled(page, **usual, **typed)


def link(cast, services, config):
    services.linked_configs.link_users(cast.sue, cast.cals_company.id, [cast.cal.user_id], config.id)


@pytest.mark.req("S0.9", "S2.3")
def test_one_line_says_what_the_mail_uses_and_why_and_changes_with_every_link(cast, sue, url):
    cast.active_config(cast.pia)
    config = cast.config(cast.sue, tenant=cast.cals_company, name="Cal's relay")
    page = sue.page(url)
    assert "Provider default: nothing is linked" in page.text
    assert "Verify the exact values" in page.text

    done = sue.post(url, {"config": str(config.id), "version": page.value("version")})
    page = sue.page(done.location)
    assert "Success: linked. The next mail goes this way." in page.text
    assert "“Cal's relay”, because it is linked to this user." in page.text

    sue.post(url, {"config": "", "version": page.value("version")})
    assert "No configuration is linked." in sue.page(url).text


@pytest.mark.req("S2.4", "S2.5", "S2.6", "S2.10", "S2.12")
def test_the_linked_account_stands_there_with_its_address_login_and_the_way_to_extra_configurations(
    cast, sue, url, services
):
    config = cast.config(cast.sue, tenant=cast.cals_company, from_address="cal@example.test", username="cal-login")
    link(cast, services, config)
    page = sue.page(url)

    for part in ("cal@example.test", "towards the server and as From", "cal-login", "smtp.example.test:587"):
        assert part in page.text
    for ways in ("extras", "password"):
        assert f"/t/{cast.cals_company.id}/mail-configs/{config.id}/{ways}" in page.html


@pytest.mark.req("S2.6")
def test_without_authentication_no_login_and_no_password_are_asked_for(cast, sue, url, services):
    config = cast.config(cast.sue, tenant=cast.cals_company, signs_in=False, username="")
    link(cast, services, config)
    page = sue.page(url)

    assert "no authentication required" in page.text
    assert f"{config.id}/password" not in page.html


def test_the_inherited_default_is_named_and_nothing_of_it_is_shown(cast, sue, url):
    """T8: of what stands above the company a page says the label and the sender."""
    cast.active_config(cast.pia, host="hidden.example.test", username="hidden-user", name="Hidden relay")
    page = sue.page(f"/t/{cast.sue.tenant.id}/people/{cast.sue.user_id}/mail")

    assert "Provider default" in page.text
    for secret in ("hidden.example.test", "hidden-user", "Hidden relay", "Pia Cloud"):
        assert secret not in page.html


@pytest.mark.req("S0.8", "S0.9")
def test_a_configuration_made_for_a_user_is_linked_once_it_is_saved(cast, sue, url, services):
    new = next(each["href"] for each in sue.page(url).all("a") if "link_to=" in (each.get("href") or ""))
    page = sue.page(new)
    assert "Save and link" in page.text
    fields = typed_form(page, name="Cal's own")
    done = sue.post(f"/t/{cast.cals_company.id}/mail-configs", fields)

    assert done.location == url
    assert "“Cal's own”, because it is linked to this user." in sue.page(url).text


@pytest.mark.parametrize("whom", ["user:{}", "profile:{}"])
def test_whom_it_was_made_for_may_be_gone_or_foreign_and_what_was_saved_stays(cast, sue, whom):
    page = sue.page(f"/t/{cast.cals_company.id}/mail-configs/new?link_to={whom.format(new_id())}")
    done = sue.post(f"/t/{cast.cals_company.id}/mail-configs", typed_form(page, name="Cal's own"))

    assert "Saved “Cal's own”, but whom it was made for is not there any more." in sue.page(done.location).text


def test_whom_it_is_made_for_is_remembered_through_a_test(cast, sue, url):
    page = sue.page(f"/t/{cast.cals_company.id}/mail-configs/new?link_to=user:{cast.cal.user_id}")
    fields = typed_form(page, name="Cal's own", verb="check")
    done = sue.post(f"/t/{cast.cals_company.id}/mail-configs/{fields['config_id']}/trials", fields)

    assert sue.page(done.location).value("link_to") == f"user:{cast.cal.user_id}"


@pytest.mark.req("S0.11", "S0.13")
def test_a_test_as_a_user_takes_his_way_and_is_told_to_whoever_asked(cast, sue, url, services, mail_server):
    config = cast.config(
        cast.sue, tenant=cast.cals_company, from_address="cal@example.test", **mail_server.typed("tls")
    )
    link(cast, services, config)
    done = sue.post(url.replace("/mail", "/trials"), {"recipient": "sue@demo.test", "verb": "send"})
    run_trials(services)

    letter = mail_server.letters[0]
    assert (letter.sender, letter.recipients) == ("cal@example.test", ("sue@demo.test",))
    page = sue.page(done.location)
    assert "Test of the mail of Cal" in page.text
    assert "User Cal: linked configuration, used" in page.text
    assert url.replace("/mail", "/trials") in [each["action"] for each in page.all("form")]


def test_a_bad_recipient_is_said_at_its_field(sue, url):
    answer = sue.post(url.replace("/mail", "/trials"), {"recipient": "two@demo.test, three@demo.test", "verb": "send"})

    assert answer.status_code == 422
    assert "Type one e-mail address" in Page(answer.text).text


def test_cal_does_not_see_a_test_that_somebody_else_made_of_his_mail(cast, services, as_):
    trial_id = services.trials.request_for_user(
        cast.sue, cast.cals_company.id, cast.cal.user_id, verb=Verb.CHECK, recipient="sue@demo.test"
    )

    assert as_(cast.cal).get(f"/me/trials/{trial_id}").status_code == 404
    with reading(SYSTEM) as session:
        assert trials.get_by_id(session, trial_id).for_user_id == cast.cal.user_id


def test_two_who_link_at_once_see_one_another(cast, sue, url, services):
    config = cast.config(cast.sue, tenant=cast.cals_company)
    version = sue.page(url).value("version")
    link(cast, services, config)
    answer = sue.post(url, {"config": "", "version": version})

    assert answer.status_code == 409
    assert "Somebody else changed this meanwhile" in Page(answer.text).text


def test_a_disabled_users_page_says_what_that_means_for_his_mail(cast, sue, url, services):
    services.users.disable(cast.sue, cast.cals_company.id, [cast.cal.user_id])

    assert "no mail for signing in is sent" in sue.page(url).text


def test_nobody_links_across_companies(cast, sue, url):
    foreign = cast.config(cast.otto)

    assert sue.post(url, {"config": str(foreign.id), "version": "1"}).status_code == 404
    assert sue.get(f"/t/{cast.sue.tenant.id}/people/{cast.otto.user_id}/mail").status_code == 404


def test_a_link_is_undone_by_one_click_unless_somebody_changed_it_meanwhile(cast, sue, url, services):
    first = cast.config(cast.sue, tenant=cast.cals_company, name="First")
    second = cast.config(cast.sue, tenant=cast.cals_company, name="Second")
    link(cast, services, first)
    page = sue.page(url)
    page = sue.page(sue.post(url, {"config": str(second.id), "version": page.value("version")}).location)
    assert "“Second”, because it is linked to this user." in page.text

    where, fields = undo_in(page)
    assert sue.post(where, fields).status_code == 303
    assert "“First”, because it is linked to this user." in sue.page(url).text

    late = sue.post(where, fields)
    assert late.status_code == 409
    assert "Somebody else changed this meanwhile" in late.text


def test_an_unlinked_configuration_is_linked_again_by_undo(cast, sue, url, services):
    link(cast, services, cast.config(cast.sue, tenant=cast.cals_company, name="First"))
    page = sue.page(url)
    page = sue.page(sue.post(url, {"config": "", "version": page.value("version")}).location)
    assert "Success: unlinked." in page.text

    where, fields = undo_in(page)
    sue.post(where, fields)

    assert "“First”, because it is linked to this user." in sue.page(url).text
    same = sue.page(url)
    again = sue.post(url, {"config": fields["config"], "version": same.value("version")}).location
    assert undo_in(sue.page(again)) is None
