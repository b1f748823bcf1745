"""Moving a company: where to, whose mail changes its way, and then it stands there."""

import pytest

from portal.domain import impact


def url(tenant):
    return f"/t/{tenant.id}/moving"


@pytest.fixture
def pia(cast, as_):
    return as_(cast.pia)


def test_it_asks_where_to_tells_what_changes_and_moves(cast, pia, services):
    cast.active_config(cast.rex, name="Rex's relay")
    cast.active_config(cast.otto, name="Otto's relay")
    page = pia.page(url(cast.sue.tenant))
    assert "Pia Cloud › Otto Online" in page.text
    assert "Rex Hosting" not in page.html.split("<select")[1].split("</select>")[0]

    page = pia.page(f"{url(cast.sue.tenant)}?parent={cast.otto.tenant.id}")
    assert "2 companies: Sue & Partners, Cal & Co" in page.text
    assert "2 companies · 2 people: “Otto's relay”" in page.text

    done = pia.post(url(cast.sue.tenant), {"parent": page.value("parent"), "version": page.value("version")})
    assert done.status_code == 303
    assert "Success: Sue & Partners stands below Otto Online now." in pia.page(done.location).text


def test_the_menu_of_a_company_below_leads_there_and_ones_own_does_not(cast, as_):
    page = as_(cast.rex).page(f"/t/{cast.rex.tenant.id}/tree")
    links = [each.get("href") or "" for each in page.all("a")]

    assert url(cast.sue.tenant) in links
    assert url(cast.rex.tenant) not in links


def test_where_there_is_no_other_place_it_says_so(cast, as_):
    assert "There is nowhere to move it" in as_(cast.rex).page(url(cast.sue.tenant)).text


def test_what_changed_meanwhile_is_shown_again(cast, pia):
    answer = pia.post(url(cast.sue.tenant), {"parent": str(cast.otto.tenant.id), "version": "99"})

    assert answer.status_code == 409
    assert "Somebody changed this company meanwhile." in answer.text


def test_where_it_does_not_fit_is_said(cast, pia):
    answer = pia.post(url(cast.sue.tenant), {"parent": str(cast.rex.tenant.id), "version": "1"})

    assert answer.status_code == 422
    assert "It stands there already." in answer.text


def test_a_move_of_many_wants_the_name(cast, pia, services, monkeypatch):
    monkeypatch.setattr(impact, "MANY_COMPANIES", 1)
    cast.active_config(cast.otto)
    fields = {"parent": str(cast.otto.tenant.id), "version": "1"}
    refused = pia.post(url(cast.sue.tenant), fields)
    assert refused.status_code == 422
    assert "Type “Sue &amp; Partners”, exactly as it is called." in refused.text

    assert pia.post(url(cast.sue.tenant), {**fields, "confirmation": "sue & partners"}).status_code == 303


@pytest.mark.parametrize("parent", ["otto", "nobody"])
def test_a_foreign_parent_is_nobody(cast, as_, parent):
    found = cast.otto.tenant.id if parent == "otto" else "nobody"
    rex = as_(cast.rex)

    assert rex.client.get(f"{url(cast.sue.tenant)}?parent={found}").status_code == 404
    assert rex.post(url(cast.sue.tenant), {"parent": str(found), "version": "1"}).status_code == 404


def test_it_says_that_a_suspension_begins_or_ends_by_that(cast, pia, services):
    services.tenants.suspend(cast.pia, cast.otto.tenant.id)
    assert "Otto Online is suspended" in pia.page(f"{url(cast.sue.tenant)}?parent={cast.otto.tenant.id}").text
    services.tenants.resume(cast.pia, cast.otto.tenant.id)
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    assert "The suspension from above ends" in pia.page(f"{url(cast.sue.tenant)}?parent={cast.otto.tenant.id}").text
