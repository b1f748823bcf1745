"""Several configurations are checked at once, watched while that goes on, or deleted with all that comes of it."""

from uuid import uuid4

import pytest

from portal.domain.limits import CHECKS_PER_USER_AND_HOUR
from portal.domain.trial import Verb
from portal.web.forms.several import MOST_AT_ONCE
from tests.editing import list_url, toast_of
from tests.page import Page
from tests.work import run_trials


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def here(cast):
    return cast.sue.tenant.id


@pytest.fixture
def several(here):
    return list_url(here, "/several")


def names(cast):
    return [line.config.name for line in cast.services.mail_configs.overview(cast.sue, cast.sue.tenant.id).lines]


def post(browser, url, configs, **more):
    return browser.client.post(
        url, data={"csrf_token": browser.token(), "config": [str(each.id) for each in configs], **more}
    )


def test_ticked_configurations_are_checked_together_and_each_has_its_line(cast, sue, several, services, mail_server):
    good = cast.config(cast.sue, name="Good", **mail_server.typed("starttls"))
    bad = cast.config(cast.sue, name="Bad", host="127.0.0.1", port="2")
    cast.config(cast.sue, name="Left alone")
    assert "Several at once" in sue.page(list_url(cast.sue.tenant.id)).text
    assert {each["value"] for each in sue.page(several).all("input", name="config")} >= {str(good.id), str(bad.id)}

    watched = post(sue, f"{several}/checks", [good, bad]).location
    page = sue.page(watched)
    assert "0 of 2 checked" in page.text
    assert page.text.count("waits for its turn") == 2
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.html

    run_trials(services)

    page = sue.page(watched)
    assert "2 of 2 checked" in page.text
    assert "1 of 2 accept mail." in page.text
    assert "refresh" not in page.html
    assert "hx-trigger" not in page.html
    assert "Left alone" not in page.text
    assert mail_server.letters == []


def test_the_lines_alone_are_fetched_while_it_goes_on(cast, sue, several):
    watched = post(sue, f"{several}/checks", [cast.config(cast.sue)]).location

    lines = sue.get(watched, headers={"HX-Request": "true"}).text

    assert "<html" not in lines
    assert f'hx-get="{watched.replace("&", "&amp;")}"' in lines


def test_checks_over_the_limit_are_not_asked_for_and_that_is_said(cast, sue, several, services):
    config = cast.config(cast.sue, name="Often")
    for _ in range(CHECKS_PER_USER_AND_HOUR.uses - 1):
        services.trials.request_saved(
            cast.sue, cast.sue.tenant.id, config.id, verb=Verb.CHECK, recipient="sue@demo.test"
        )

    page = sue.page(post(sue, f"{several}/checks", [config, cast.config(cast.sue, name="Second")]).location)

    assert "0 of 1 checked" in page.text
    assert "1 configuration was not checked. That was too often." in page.text


@pytest.mark.parametrize("way", ["checks", "deletion"])
def test_nothing_ticked_is_told_and_too_many_or_foreign_ones_do_not_exist(cast, sue, several, way):
    page = sue.page(post(sue, f"{several}/{way}", []).location)
    assert "Tick at least one configuration first." in page.text

    mine, foreign = cast.config(cast.sue), cast.config(cast.otto)
    for wanted in ([mine, foreign], [mine, type("Nobody", (), {"id": uuid4()})]):
        assert post(sue, f"{several}/{way}", wanted, confirmed="yes").status_code == 404
    crowd = [type("Nobody", (), {"id": uuid4()}) for _ in range(MOST_AT_ONCE + 1)]
    assert post(sue, f"{several}/{way}", crowd).status_code == 404
    assert names(cast) == [mine.name]


def test_a_foreign_check_cannot_be_watched(cast, sue, as_, several):
    otto = cast.config(cast.otto)
    theirs = as_(cast.otto)
    watched = post(theirs, list_url(cast.otto.tenant.id, "/several/checks"), [otto]).location

    assert sue.get(f"{several}/checks?{watched.partition('?')[2]}").status_code == 404


@pytest.mark.req("S3.24")
def test_the_consequences_of_deleting_several_are_told_together_and_then_all_go_or_none(cast, sue, several):
    active = cast.active_config(cast.sue, name="In use")
    spare, kept = cast.config(cast.sue, name="Spare"), cast.config(cast.sue, name="Kept")

    question = post(sue, f"{several}/deletion", [active, spare])
    page = Page(question.text)
    assert question.status_code == 200
    assert names(cast) == ["In use", "Kept", "Spare"]
    assert "Delete 2 configurations?" in page.text
    assert "In use · in use" in page.text
    assert "companies: Sue & Partners" in page.text
    assert "From then on:" in page.text
    assert "this cannot be undone" in page.text

    page = sue.page(post(sue, f"{several}/deletion", [active, spare], confirmed="yes").location)

    assert "Success: deleted 2 configurations. Provider default takes over." in toast_of(page)
    assert names(cast) == [kept.name]


def test_where_the_mail_of_many_changes_the_companys_name_is_asked_for(cast, sue, several, services):
    active = cast.active_config(cast.sue, name="In use")
    for number in range(26):
        services.tenants.create(cast.sue, cast.sue.tenant.id, kind="customer", name=f"Company {number}")

    refused = post(sue, f"{several}/deletion", [active], confirmed="yes")
    assert refused.status_code == 422
    assert names(cast) == ["In use"]

    post(sue, f"{several}/deletion", [active], confirmed="yes", confirmation=cast.sue.tenant.name)
    assert names(cast) == []
