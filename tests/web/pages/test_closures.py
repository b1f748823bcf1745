"""Closing a company for good."""

import pytest


@pytest.fixture
def rex(cast, as_):
    return as_(cast.rex)


def test_the_question_names_everything_that_goes(cast, rex):
    cast.config(cast.sue, tenant=cast.cals_company)

    page = rex.page(f"/t/{cast.cals_company.id}/closure")

    for part in ("cannot be undone", "One person cannot sign in", "One mail configuration is deleted", "audit log"):
        assert part in page.text


def test_an_empty_company_is_closed_and_its_people_stay_out(cast, rex, as_):
    done = rex.post(f"/t/{cast.cals_company.id}/closure")

    assert (done.status_code, done.location) == (303, f"/t/{cast.sue.tenant.id}/tree")
    assert "Cal & Co is closed." in rex.page(done.location).text
    assert as_().sign_in("cal@demo.test").status_code == 422
    assert rex.get(f"/t/{cast.cals_company.id}/tree").status_code == 404


def test_a_company_that_holds_others_is_explained_and_kept(cast, rex):
    url = f"/t/{cast.sue.tenant.id}/closure"

    page = rex.page(url)
    assert "One company still stands below Sue & Partners." in page.text
    assert "Yes, close" not in page.text
    refused = rex.post(url)
    assert refused.status_code == 422
    assert "Only an empty company can be closed." in refused.text
    assert rex.get(f"/t/{cast.sue.tenant.id}/tree").status_code == 200


def test_nobody_closes_his_own_company(cast, rex):
    assert rex.get(f"/t/{cast.rex.tenant.id}/closure").status_code == 403
    assert rex.post(f"/t/{cast.rex.tenant.id}/closure").status_code == 403
