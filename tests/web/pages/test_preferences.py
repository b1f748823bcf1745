"""Everybody chooses his language and his time zone, and so does whoever looks after him."""

from portal.services.preferences import Preferences
from tests.page import Page

URL = "/me/preferences"


def test_cal_chooses_arabic_and_the_next_page_tells_him_so_in_arabic(cast, as_):
    cal = as_(cast.cal)
    page = cal.page(URL)
    answer = cal.post(URL, {**page.fields(), "language": "ar", "zone": "Asia/Dubai"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/mail")
    told = cal.page("/me/mail")
    assert told.all("html")[0]["dir"] == "rtl"
    assert "تم الحفظ" in told.text
    assert "دبي" in told.text
    assert cal.page(URL).fields()["zone"] == "Asia/Dubai"


def test_every_zone_has_its_place_in_the_readers_language(cast, as_):
    cast.services.preferences.change(cast.sue, Preferences("de", ""), version=1)

    page = as_(cast.sue).page(URL)
    labels = page.text
    assert "Deutschland, Berlin" in labels
    assert "Vereinigte Arabische Emirate, Dubai" in labels
    assert page.fields()["zone"] == ""


def test_what_is_not_on_offer_is_said_at_its_field(cast, as_):
    sue = as_(cast.sue)
    fields = sue.page(URL).fields()

    for wrong in ({"language": "ja"}, {"zone": "Mars/Olympus"}, {"zone": "../../etc/passwd"}, {"zone": "Etc/GMT+3"}):
        answer = sue.post(URL, {**fields, **wrong})
        assert answer.status_code == 422
        assert "Choose one of the options in the list." in Page(answer.text).text
    assert cast.services.preferences.get(cast.sue).language == ""


def test_two_who_choose_at_once_do_not_overwrite_each_other(cast, as_):
    sue = as_(cast.sue)
    fields = sue.page(URL).fields()
    cast.services.preferences.change(cast.sue, Preferences("fr", ""), version=1)

    answer = sue.post(URL, {**fields, "language": "de"})
    assert answer.status_code == 409
    assert cast.services.preferences.get(cast.sue).language == "fr"


def test_whoever_is_suspended_may_still_choose_how_he_reads(cast, as_, services):
    services.tenants.suspend(cast.pia, cast.sue.tenant.id)
    sue = as_(cast.sue)

    assert sue.post(URL, {**sue.page(URL).fields(), "language": "de"}).status_code == 303


def test_an_owner_sets_it_for_somebody_and_the_audit_log_says_so(cast, as_):
    sue = as_(cast.sue)
    url = f"/t/{cast.cals_company.id}/people/{cast.cal.user_id}"
    fields = sue.page(url).fields()
    answer = sue.post(url, {**fields, "language": "ar", "zone": "Africa/Cairo"})

    assert answer.status_code == 303
    assert as_(cast.cal).page("/me/mail").all("html")[0]["lang"] == "ar"
    log = sue.page(f"/t/{cast.cals_company.id}/audit-log").text
    assert "Language" in log
    assert "Africa/Cairo" in log
    assert sue.post(url, {**sue.page(url).fields(), "zone": "Nowhere"}).status_code == 422
