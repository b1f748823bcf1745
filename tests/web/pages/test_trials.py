"""Test mails and checks on screen: asked for from the form or the list, watched live, told with advice."""

import re
from uuid import uuid4

import pytest

from portal.domain.limits import TEST_MAILS_PER_USER_AND_HOUR
from tests.editing import filled, list_url, new_config, new_url, through
from tests.mail_server import GOOD_PASSWORD
from tests.page import Page
from tests.work import run_trials

# An id that nothing has; a fixed one, so that every process collects the same tests.
NOBODY = "00000000-0000-4000-8000-000000000000"

NOBODYS = "6f1c1f52-6a0e-4a41-9d5e-0d7f3f0f7a11"
POPUP = {"HX-Request": "true"}


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def here(cast):
    return cast.sue.tenant.id


@pytest.fixture
def try_form(sue, here, services):
    """Types a new configuration, presses a button of the test, lets the worker run, and shows the page after it."""

    def try_(verb="send", **typed):
        fields = new_config(sue, here, **{"name": "", "username": "sue", **typed})
        answer = sue.post(list_url(here, f"/{fields['config_id']}/trials"), {**fields, "verb": verb})
        assert answer.status_code == 303, Page(answer.text).text
        run_trials(services)
        return sue.page(answer.location)

    return try_


def configs_of(cast):
    return cast.services.mail_configs.overview(cast.sue, cast.sue.tenant.id).lines


@pytest.mark.req("S1.19", "S1.20", "S1.30", "S4.15", "S4.17")
def test_the_bottom_of_the_form_tests_what_is_typed_needs_no_name_and_saves_nothing(
    cast, sue, here, try_form, mail_server
):
    before = sue.page(new_url(here))
    page = try_form(**through(mail_server), charset="iso-8859-2")

    assert before.value("recipient") == "sue@demo.test"
    assert (
        before.html.rindex('name="recipient"') < before.html.index("Send Test Mail") < before.html.index("dialog__foot")
    )
    assert re.search(r"The server accepted the mail for sue@demo.test in [\d.]+ m?s\.", page.text)
    assert "The configuration is correct" in page.text
    [letter] = mail_server.letters
    assert (letter.recipients, letter.charset, letter.username) == (("sue@demo.test",), "iso-8859-2", "sue")
    assert configs_of(cast) == ()


@pytest.mark.req("S1.21", "S1.22", "S4.19")
def test_after_a_good_test_the_form_still_holds_everything_and_only_waits_to_be_saved(
    cast, sue, here, try_form, mail_server
):
    page = try_form(**through(mail_server), charset="koi8-r")

    saved = sue.post(list_url(here), filled(page, name="Office relay"))

    assert "Next: save and use it. Or save it, and select it in the list later." in page.text
    assert "The password typed for the test is kept." in page.text
    assert saved.status_code == 303
    [line] = configs_of(cast)
    config = cast.services.mail_configs.get(cast.sue, here, line.config.id)
    assert (config.draft.charset, config.has_password, line.is_active) == ("koi8-r", True, False)
    assert (line.config.last_code, line.config.last_at is not None) == ("ok", True)


def test_a_password_kept_by_a_test_is_good_for_its_destination_only(sue, here, try_form, mail_server):
    page = try_form(**through(mail_server))

    answer = sue.post(list_url(here), filled(page, name="Office relay", host="elsewhere.test"))

    assert answer.status_code == 422
    assert "Type the password" in Page(answer.text).text


def test_a_password_typed_for_a_test_is_in_no_page(sue, here, try_form, mail_server):
    page = try_form(**through(mail_server), password="canary-7391")

    assert "canary-7391" not in page.html
    assert "Stopped at sign-in: the server refused user name or password." in page.text


def test_a_check_goes_as_far_as_the_recipient_and_sends_nothing(try_form, mail_server):
    page = try_form("check", **through(mail_server, "tls"))

    assert "The server would accept mail for sue@demo.test. Nothing was sent." in page.text
    assert "Acceptance" not in page.text
    assert mail_server.letters == []


@pytest.mark.req("S4.16")
def test_the_test_can_go_to_the_sender_address_itself(try_form, mail_server):
    try_form(**through(mail_server), to_sender="y", from_address="office@sue.example")

    assert [letter.recipients for letter in mail_server.letters] == [("office@sue.example",)]


@pytest.mark.req("S1.15", "S1.16")
def test_any_random_string_will_do_where_the_server_asks_for_no_sign_in(try_form, mail_server):
    page = try_form(**{**through(mail_server, "none"), "signs_in": "y"}, username="anything", password="at all")

    assert "your user name and password were not used" in page.text
    assert [letter.username for letter in mail_server.letters] == [""]


def test_the_course_of_a_test_has_one_line_per_step_with_its_time(try_form, mail_server):
    page = try_form(**through(mail_server), password="wrong")

    states = re.findall(r"steps__item--(\w+)", page.html)
    assert states == ["done"] * 4 + ["failed"] + ["waiting"] * 4
    assert len(re.findall(r'steps__time">\d+ ms<', page.html)) == 5


@pytest.mark.req("S4.18")
def test_a_failure_says_what_happened_why_and_what_to_do_and_shows_the_transcript_without_secrets(
    try_form, mail_server
):
    page = try_form(**through(mail_server), password="wrong-canary")

    for title in ("What happened", "Likely causes", "What to do", "Technical details"):
        assert title in page.text
    assert "authorization code" in page.html.split("What to do")[1]
    transcript = page.html.split('class="transcript"')[1].split("</pre>")[0]
    assert "AUTH" in transcript
    assert "wrong-canary" not in transcript


def test_in_a_pop_up_the_answer_is_the_form_itself_with_the_result_under_way(sue, here, mail_server):
    fields = new_config(sue, here, **through(mail_server))

    answer = sue.post(list_url(here, f"/{fields['config_id']}/trials"), {**fields, "verb": "send"}, headers=POPUP)

    assert (answer.status_code, "<html" in answer.text) == (200, False)
    assert "Waiting for its turn" in answer.text
    assert Page(answer.text).value("host") == "127.0.0.1"


def test_a_page_looks_again_until_the_test_is_over_with_and_without_scripts(sue, here, services, mail_server):
    fields = new_config(sue, here, **through(mail_server))
    url = sue.post(list_url(here, f"/{fields['config_id']}/trials"), {**fields, "verb": "send"}).location
    running = sue.page(url)
    poll = running.all("span", id="result-poll")[0]["hx-get"]
    run_trials(services)

    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in running.html
    assert "The server accepted" in sue.get(poll, headers=POPUP).text
    assert "hx-get" not in sue.get(poll, headers=POPUP).text
    assert "http-equiv" not in sue.page(url).html


def test_a_page_says_when_no_worker_runs_and_gives_up_after_half_a_minute(cast, sue, here, clock):
    config = cast.config(cast.sue)
    url = sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "send"}).location

    assert "no worker is running" not in sue.page(url).text
    clock.forward(seconds=6)
    assert "no worker is running" in sue.page(url).text
    clock.forward(seconds=30)
    page = sue.page(url)
    assert "There is no result after 30 seconds." in page.text
    assert ("hx-get" in page.html, "http-equiv" in page.html) == (False, False)


@pytest.mark.req("S3.8")
def test_the_icon_sends_a_test_of_the_marked_row_to_ones_own_address(cast, sue, here, services, mail_server):
    cast.active_config(cast.sue, name="Other")
    config = cast.config(cast.sue, **mail_server.typed("starttls"))
    page = sue.page(list_url(here, f"?select={config.id}"))
    icon, form = page.all("button", form="row")[0], page.all("form", id="row")[0]

    answer = sue.post(form["action"], {icon["name"]: icon["value"], "verb": "send"})
    run_trials(services)

    assert [letter.recipients for letter in mail_server.letters] == [("sue@demo.test",)]
    result = sue.page(answer.location)
    assert "Test of Office relay" in result.text
    assert "The configuration is correct" in result.text


def test_a_test_of_what_applies_tells_why_that_configuration(cast, sue, here, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("starttls"))

    answer = sue.post(f"/t/{here}/trials", {"config": "provider-default", "verb": "check"})
    run_trials(services)

    page = sue.page(answer.location)
    assert "Test of what Sue & Partners uses now" in page.text
    assert "Sue & Partners: active configuration, used" in page.text


def test_a_recipient_that_is_no_address_comes_back_at_its_field(cast, sue, here):
    config = cast.config(cast.sue)
    fields = new_config(sue, here, recipient="a@b@c.test", verb="send")

    from_form = sue.post(list_url(here, f"/{fields['config_id']}/trials"), fields)
    from_list = sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "send", "recipient": "a@b@c.test"})

    for answer in (from_form, from_list):
        page = Page(answer.text)
        assert answer.status_code == 422
        assert page.value("recipient") == "a@b@c.test"
        assert page.all("input", name="recipient")[0]["aria-invalid"] == "true"
        assert "autofocus" in page.all("input", name="recipient")[0]


def test_too_many_tests_are_refused_in_the_form_and_nothing_typed_is_lost(sue, here):
    fields = new_config(sue, here, verb="send", signs_in=None)
    url = list_url(here, f"/{fields['config_id']}/trials")
    for _ in range(TEST_MAILS_PER_USER_AND_HOUR.uses):
        assert sue.post(url, fields).status_code == 303

    page, popup = sue.post(url, fields), sue.post(url, fields, headers=POPUP)

    assert (page.status_code, popup.status_code) == (429, 422)
    for answer in (page, popup):
        assert "That was too often." in answer.text
        assert Page(answer.text).value("host") == "smtp.sue.example"


def test_a_test_does_not_let_a_change_of_somebody_else_go_unnoticed(cast, as_, sue, here):
    config = cast.config(cast.sue)
    url, rex = list_url(here, f"/{config.id}"), as_(cast.rex)
    mine = filled(sue.page(url), charset="koi8-r")
    rex.post(url, filled(rex.page(url), from_name="Theirs"))

    tested = sue.page(sue.post(f"{url}/trials", {**mine, "verb": "check"}).location)

    assert sue.post(url, tested.fields()).status_code == 409


def test_a_trial_of_another_configuration_does_not_fill_this_ones_form(cast, sue, here):
    one, other = cast.config(cast.sue), cast.config(cast.sue, name="Second")
    url = list_url(here, f"/{one.id}")
    tested = sue.post(f"{url}/trials", {**filled(sue.page(url)), "verb": "check"}).location

    assert sue.get(tested).status_code == 200
    assert sue.get(tested.replace(str(one.id), str(other.id))).status_code == 404


def test_a_test_of_what_was_deleted_since_still_has_its_page(cast, sue, here):
    config = cast.config(cast.sue)
    url = sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "send"}).location
    cast.services.mail_configs.delete(cast.sue, here, config.id)

    assert "a configuration that was deleted since" in sue.page(url).text


def test_a_trial_is_its_tenants_own(cast, as_, sue, here):
    config = cast.config(cast.sue)
    url = sue.post(f"/t/{here}/trials", {"config": str(config.id), "verb": "send"}).location

    assert as_(cast.otto).get(url).status_code == 404
    assert as_(cast.otto).get(url.replace(str(here), str(cast.otto.tenant.id))).status_code == 404


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"verb": ""}, 404), ({"verb": "destroy"}, 404), ({"config": "no"}, 404), ({"config": ""}, 404), ({"recipient": "\x00"}, 422),
     ({"recipient": "x" * 500 + "@y.test"}, 422), ({"config": NOBODY}, 404)],
)  # fmt: skip
def test_bad_input_asks_for_no_test(cast, sue, services, typed, status):
    config = cast.config(cast.sue)

    answer = sue.post(f"/t/{config.tenant_id}/trials", {"config": str(config.id), "verb": "send", **typed})

    assert answer.status_code == status
    assert services.trial_runs.claim(uuid4()) is None


@pytest.mark.parametrize(("typed", "status"), [({"verb": "x"}, 404), ({"trial": "x"}, 404), ({"port": "9" * 20}, 422), ({"password": ""}, 422), ({"password": "\x00"}, 422)])  # fmt: skip
def test_bad_input_in_the_form_asks_for_no_test(sue, here, services, typed, status):
    fields = {**new_config(sue, here, password=GOOD_PASSWORD), "verb": "send", **typed}

    answer = sue.post(list_url(here, f"/{fields['config_id']}/trials"), fields)

    assert answer.status_code == status
    assert services.trial_runs.claim(uuid4()) is None
