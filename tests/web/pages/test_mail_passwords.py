"""The password of a mail account has a form of its own, for those who look after it and for whoever has it alone."""

import pytest

from portal.domain.secret import Secret
from tests.page import Page
from tests.work import run_trials


@pytest.fixture
def config(cast, services, mail_server):
    """Cal's account, with a password that the server refuses."""
    config = cast.config(cast.sue, tenant=cast.cals_company, password="wrong", **mail_server.typed("starttls"))
    services.linked_configs.link_users(cast.sue, cast.cals_company.id, [cast.cal.user_id], config.id)
    return config


@pytest.mark.req("S0.16", "S0.18")
def test_from_the_list_a_form_with_one_field_leads_to_a_new_password(cast, as_, config, services, mail_server):
    sue = as_(cast.sue)
    url = f"/t/{cast.cals_company.id}/mail-configs/{config.id}/password"
    assert url in sue.page(f"/t/{cast.cals_company.id}/mail-configs?select={config.id}").html
    page = sue.page(url)
    assert [each["name"] for each in page.all("input") if each["type"] != "hidden"] == ["password"]
    assert "It is used at 127.0.0.1" in page.text

    done = sue.post(url, {"password": "open sesame"})
    assert "has a new password. It counts from the next mail on." in sue.page(done.location).text
    services.trials.request_own(cast.cal)
    run_trials(services)
    assert len(mail_server.letters) == 1


def test_an_empty_password_is_refused_at_its_field(cast, as_, config):
    answer = as_(cast.sue).post(f"/t/{cast.cals_company.id}/mail-configs/{config.id}/password", {"password": ""})

    assert answer.status_code == 422
    assert "Type the password" in Page(answer.text).text


def test_an_account_without_sign_in_says_that_there_is_none(cast, as_):
    config = cast.config(cast.sue, signs_in=False, username="")
    page = as_(cast.sue).page(f"/t/{cast.sue.tenant.id}/mail-configs/{config.id}/password")

    assert "there is no password" in page.text
    assert page.all("input", name="password") == []


@pytest.mark.req("S0.17", "S0.18")
def test_cal_sees_where_his_password_goes_and_who_changed_it_last_and_changes_it(
    cast, as_, config, services, mail_server
):
    cal = as_(cast.cal)
    page = cal.page("/me/mail")
    for part in ("which is linked to you", "127.0.0.1:", config.draft.destination.username, "by: Owner"):
        assert part in page.text
    form = cal.page("/me/mail/password")
    assert "127.0.0.1:" in form.text

    done = cal.post("/me/mail/password", {"password": "open sesame", "version": form.value("version")})
    page = cal.page(done.location)
    assert "Success: your mail account has a new password." in page.text
    assert "by: Customer" in page.text
    services.trials.request_own(cast.cal)
    run_trials(services)
    assert len(mail_server.letters) == 1


def test_a_server_that_was_changed_meanwhile_is_shown_before_a_password_is_typed_for_it(cast, as_, config, services):
    cal = as_(cast.cal)
    version = cal.page("/me/mail/password").value("version")
    services.mail_passwords.change(cast.sue, cast.cals_company.id, config.id, password=Secret("other"))
    answer = cal.post("/me/mail/password", {"password": "open sesame", "version": version})

    assert answer.status_code == 409
    assert "Look again at the server and the user name below" in Page(answer.text).text


def test_whoever_has_no_account_alone_is_told_so(cast, as_, config, services):
    services.mail_configs.select(cast.sue, cast.cals_company.id, config.id)
    cal = as_(cast.cal)

    assert cal.get("/me/mail/password").location == "/me/mail"
    assert "No mail account is linked to you alone" in cal.page("/me/mail").text
    done = cal.post("/me/mail/password", {"password": "x", "version": "1"})
    assert "No mail account is linked to you alone" in cal.page(done.location).text
    assert "/me/mail/password" not in cal.page("/me/mail").html
    assert "127.0.0.1" not in cal.page("/me/mail").text


def test_of_an_inherited_configuration_my_mail_tells_nothing(cast, as_):
    cast.active_config(cast.pia, host="hidden.example.test", name="Hidden relay")

    for person in (cast.cal, cast.sue, cast.rex):
        html = as_(person).page("/me/mail").html
        assert "hidden.example.test" not in html
        assert "Hidden relay" not in html
