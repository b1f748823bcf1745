"""Deleting asks first, says what it touches, and leaves no gap."""

import pytest

from tests.editing import list_url, toast_of


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


def deletion(config):
    return list_url(config.tenant_id, f"/{config.id}/deletion")


def names_in(page):
    return [each["aria-label"].removeprefix("Use ") for each in page.all("input", type="radio")]


@pytest.mark.req("S1.26", "S3.9", "S3.24")
@pytest.mark.parametrize("place", ["?select={}", "/{}"])
def test_the_icon_the_rows_menu_and_the_editor_all_lead_to_one_question_answered_yes(cast, sue, place):
    config = cast.config(cast.sue)
    page = sue.page(list_url(config.tenant_id, place.format(config.id)))
    link = next(each["href"] for each in page.all("a") if each["href"] == deletion(config))

    question = sue.page(link)
    answer = sue.post(question.all("form", action=link)[0]["action"], {})

    assert "Delete “Office relay”?" in question.text
    assert "Yes, delete" in question.text
    assert "No, keep it" in question.text
    after = sue.page(answer.location)
    assert "Success: deleted “Office relay”." in toast_of(after)
    assert names_in(after) == ["Provider default"]


def test_looking_at_the_question_deletes_nothing(cast, sue):
    config = cast.config(cast.sue)

    sue.page(deletion(config))

    assert "Office relay" in names_in(sue.page(list_url(config.tenant_id)))


def test_the_question_says_whom_the_configuration_serves_and_what_takes_over(cast, sue):
    cast.active_config(cast.pia)
    config, idle = cast.active_config(cast.sue), cast.config(cast.sue, name="Second")

    text = sue.page(deletion(config)).text

    assert "1 company below uses it, too." in text
    assert "After the deletion Provider default takes over." in text
    assert "It is not in use: no mail changes its way." in sue.page(deletion(idle)).text


def test_where_nothing_takes_over_the_question_says_that_mail_is_held(cast, sue):
    config = cast.active_config(cast.sue)

    assert "Nothing takes over after the deletion: mail is held" in sue.page(deletion(config)).text


def test_deleting_the_one_in_use_returns_to_the_provider_default(cast, sue):
    config = cast.active_config(cast.sue)

    page = sue.page(sue.post(deletion(config)).location)

    assert [each["value"] for each in page.all("input", type="radio") if "checked" in each] == ["provider-default"]
    assert "Provider default takes over." in toast_of(page)


def test_what_was_deleted_already_is_not_found(cast, sue):
    config = cast.config(cast.sue)
    sue.post(deletion(config))

    assert sue.post(deletion(config)).status_code == 404
    assert sue.get(deletion(config)).status_code == 404


@pytest.mark.req("S1.7")
def test_the_provider_default_offers_no_deletion(cast, sue):
    config = cast.active_config(cast.pia)
    here = list_url(cast.sue.tenant.id)

    html = sue.page(here).html
    assert f"{config.id}/deletion" not in html
    assert "provider-default/deletion" not in html
    assert sue.get(f"{here}/provider-default/deletion").status_code == 404
    assert sue.post(f"{here}/{config.id}/deletion").status_code == 404
