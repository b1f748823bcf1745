"""A customer's one button: a test mail to his own address, told in one plain sentence."""

import pytest

from portal.domain.ids import new_id
from tests.page import Page
from tests.work import run_trials

FRAGMENT = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def cal(cast, as_):
    return as_(cast.cal)


def test_the_mail_arrives_and_one_sentence_says_so(cast, cal, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed())

    asked = cal.post("/me/trials")
    assert asked.status_code == 303
    page = cal.page(asked.location)
    assert "Waiting for its turn" in page.text
    assert page.all("meta", content="2")
    run_trials(services)

    result = cal.page(asked.location)
    assert "accepted the mail for cal@demo.test" in result.text
    assert "Look into your inbox" in result.text
    assert not result.all("meta", content="2")
    assert [letter.recipients for letter in mail_server.letters] == [("cal@demo.test",)]


def test_a_failure_names_no_server(cast, cal, services, mail_server):
    cast.active_config(
        cast.pia, **{**mail_server.typed(), "host": "localhost", "trust_pem": ""} | {"trust_kind": "system"}
    )

    asked = cal.post("/me/trials")
    run_trials(services)
    page = cal.page(asked.location)

    assert "its provider has to look at it" in page.text
    for detail in ("localhost", str(mail_server.starttls_port), "certificate", "office@"):
        assert detail not in page.html


def test_the_result_is_followed_live_until_it_is_there(cast, cal, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed())
    url = cal.post("/me/trials").location

    waiting = cal.get(url, **FRAGMENT).text
    assert "<html" not in waiting
    assert Page(waiting).all("div", id="trial")[0]["hx-get"] == url
    run_trials(services)
    assert "hx-get" not in Page(cal.get(url, **FRAGMENT).text).all("div", id="trial")[0]


def test_a_worker_that_does_not_run_is_said_so_after_five_seconds(cal, clock):
    url = cal.post("/me/trials").location
    assert "Nothing sends mail at the moment." not in cal.page(url).text

    clock.forward(seconds=6)

    assert "Nothing sends mail at the moment." in cal.page(url).text


def test_the_button_rests_a_minute_after_each_use(cal, clock):
    cal.post("/me/trials")
    clock.forward(seconds=20)

    wait = cal.post("/me/trials")

    assert wait.status_code == 429
    assert wait.headers["Retry-After"] == "40"
    assert "The next one can go in 40 seconds." in Page(wait.text).text
    clock.forward(seconds=41)
    assert cal.post("/me/trials").status_code == 303


def test_one_s_own_test_is_nobody_else_s(cast, cal, as_):
    url = cal.post("/me/trials").location

    for other in (cast.pia, cast.sue, cast.otto):
        assert as_(other).get(url).status_code == 404
    assert cal.get(f"/me/trials/{new_id()}").status_code == 404
