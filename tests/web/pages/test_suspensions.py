"""Letting a company rest, and waking it again."""

import pytest


@pytest.fixture
def rex(cast, as_):
    return as_(cast.rex)


def test_the_question_says_what_it_means_and_whom_it_concerns(cast, rex):
    page = rex.page(f"/t/{cast.sue.tenant.id}/suspension")

    assert "Suspend Sue & Partners?" in page.text
    assert "one company below it" in page.text
    assert "All its mail is held" in page.text


def test_a_suspension_begins_shows_and_ends(cast, rex, as_):
    url = f"/t/{cast.sue.tenant.id}/suspension"

    done = rex.post(url)
    assert (done.status_code, done.location) == (303, f"/t/{cast.rex.tenant.id}/tree")
    page = rex.page(done.location)
    assert "Sue & Partners is suspended." in page.text
    assert "Suspended from above" in page.text
    assert "Resume Sue & Partners?" in rex.page(url).text

    assert as_(cast.sue).post(f"/t/{cast.sue.tenant.id}/settings", {"name": "X"}).status_code == 403
    assert rex.post(f"{url}/end").status_code == 303
    page = rex.page(f"/t/{cast.rex.tenant.id}/tree")
    assert "works again" in page.text
    assert page.text.count("Suspended") == 1  # in the filter


def test_nobody_suspends_or_resumes_his_own_company(cast, rex, services):
    url = f"/t/{cast.rex.tenant.id}/suspension"

    assert rex.get(url).status_code == 403
    assert rex.post(url).status_code == 403
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    assert rex.post(f"{url}/end").status_code == 403
