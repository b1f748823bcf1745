"""The radio: one click, a green toast, and the way back."""

import pytest

from tests.editing import list_url, toast_of
from tests.page import Page


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


def select(browser, tenant_id, config):
    answer = browser.post(f"/t/{tenant_id}/selection", {"config": str(config)})
    assert (answer.status_code, answer.location) == (303, list_url(tenant_id))
    return browser.page(answer.location)


def chosen(page):
    return [each["value"] for each in page.all("input", type="radio") if "checked" in each]


@pytest.mark.req("S1.2", "S1.24")
def test_a_radio_switches_at_once_and_a_green_success_says_so(cast, sue):
    config = cast.config(cast.sue)

    page = select(sue, config.tenant_id, config.id)

    assert chosen(page) == [str(config.id)]
    assert "Success: now using “Office relay”" in toast_of(page)


def test_the_toast_says_what_is_known_of_a_configuration_that_was_never_tested(cast, sue):
    config = cast.config(cast.sue)

    assert "It was never tested." in toast_of(select(sue, config.tenant_id, config.id))


def test_undo_brings_back_what_was_selected_before(cast, sue):
    before, other = cast.active_config(cast.sue), cast.config(cast.sue, name="Second")
    page = select(sue, before.tenant_id, other.id)
    form = page.html.split('class="toast"')[1].split("</form>")[0]
    undo = Page(form)

    answer = sue.post(undo.all("form")[0]["action"], undo.fields())

    assert chosen(sue.page(answer.location)) == [str(before.id)]


def test_selecting_what_is_selected_offers_no_undo(cast, sue):
    config = cast.active_config(cast.sue)

    assert "Undo" not in select(sue, config.tenant_id, config.id).text


def test_going_back_to_the_provider_default_is_a_selection_like_any_other(cast, sue):
    config = cast.active_config(cast.sue)

    page = select(sue, config.tenant_id, "provider-default")

    assert chosen(page) == ["provider-default"]
    assert "Success: now using “Provider default”" in toast_of(page)


@pytest.mark.parametrize("config", ["", "no", "\x00", "9" * 20, "00000000-0000-0000-0000-000000000000"])
def test_a_choice_that_does_not_exist_is_not_found_and_changes_nothing(cast, sue, config):
    active = cast.active_config(cast.sue)

    answer = sue.post(f"/t/{active.tenant_id}/selection", {"config": config})

    assert answer.status_code == 404
    assert chosen(sue.page(list_url(active.tenant_id))) == [str(active.id)]


def test_somebody_elses_configuration_cannot_be_selected(cast, sue):
    foreign = cast.config(cast.otto)

    assert sue.post(f"/t/{cast.sue.tenant.id}/selection", {"config": str(foreign.id)}).status_code == 404
    assert sue.post(f"/t/{foreign.tenant_id}/selection", {"config": str(foreign.id)}).status_code == 404
