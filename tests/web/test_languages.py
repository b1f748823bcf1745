"""A page speaks as its reader chose, or as his browser asks, and shows times as they are where he is."""

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.i18n.catalogs import voice_in
from portal.services.preferences import Preferences
from tests.cast import PASSWORD
from tests.page import Page


def prefer(cast, person, language="", zone=""):
    own = cast.services.preferences
    own.change(person, Preferences(language, zone), version=own.get(person).version)


def html(page):
    return page.all("html")[0]


@pytest.mark.parametrize(
    ("accepted", "language", "direction", "heading"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "ltr", "Anmelden"),
        ("ja, ar-EG;q=0.8", "ar", "rtl", "تسجيل الدخول"),
        ("ja", "en", "ltr", "Sign in"),
        ("", "en", "ltr", "Sign in"),
        ("%%%;q=x", "en", "ltr", "Sign in"),
    ],
)
def test_a_stranger_is_answered_as_his_browser_asks(as_, accepted, language, direction, heading):
    answer = as_().get("/sign-in", headers={"Accept-Language": accepted})
    page = Page(answer.text)

    assert html(page) == {"lang": language, "dir": direction}
    assert heading in page.text
    assert answer.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_a_stranger_chooses_and_his_browser_keeps_it(as_):
    stranger = as_()
    fields = {"language": "fr", "next": "/password-resets/new"}
    answer = stranger.post("/language", fields, at="/sign-in")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/password-resets/new")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert html(Page(stranger.get("/sign-in", headers={"Accept-Language": "de"}).text))["lang"] == "fr"


def test_every_language_stands_on_the_sign_in_page_in_its_own_name(as_):
    page = as_().page("/sign-in")

    names = [each["lang"] for each in page.all("button", name="language")]
    assert names == ["en", "ar", "de", "es", "fr"]
    assert "العربية Deutsch español français" in page.text


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test/", "/\\evil.test"])
def test_a_choice_of_language_leads_nowhere_else(as_, elsewhere):
    answer = as_().post("/language", {"language": "de", "next": elsewhere}, at="/sign-in")

    assert answer.headers["Location"] == "/sign-in"


def test_a_language_that_is_not_spoken_does_not_exist(as_):
    assert as_().post("/language", {"language": "xx"}, at="/sign-in").status_code == 404


def test_sue_reads_german_and_cal_arabic_and_pia_what_her_browser_asks_for(cast, as_):
    prefer(cast, cast.sue, "de")
    prefer(cast, cast.cal, "ar")
    sue, cal, pia = as_(cast.sue), as_(cast.cal), as_(cast.pia)

    for _ in range(2):  # one request leaves nothing behind for the next
        assert html(sue.page("/me/mail")) == {"lang": "de", "dir": "ltr"}
        assert html(cal.page("/me/mail")) == {"lang": "ar", "dir": "rtl"}
        assert html(pia.page("/me/mail")) == {"lang": "en", "dir": "ltr"}
    assert "Ihr Konto" in sue.page("/me/mail").text
    asked = Page(pia.get("/me/mail", headers={"Accept-Language": "es"}).text)
    assert html(asked)["lang"] == "es"


def test_whoever_comes_in_is_spoken_to_in_his_own_language_at_once(cast, as_):
    prefer(cast, cast.sue, "de")
    fields = {"email": "sue@demo.test", "password": PASSWORD, "next": "/me/mail", "resume": "post"}
    answer = as_().post("/sign-in", fields, at="/sign-in", headers={"Accept-Language": "fr"})

    assert html(Page(answer.text))["lang"] == "de"


def test_a_refusal_speaks_the_language_too(cast, as_):
    prefer(cast, cast.sue, "de")

    answer = as_(cast.sue).get(f"/t/{cast.otto.tenant.id}/mail-configs")
    assert (answer.status_code, "Diese Seite gibt es nicht." in answer.text) == (404, True)


def test_what_is_filled_in_stays_in_one_piece_among_arabic_words(cast, as_):
    prefer(cast, cast.sue, "ar")

    assert "\u2068Sue & Partners\u2069" in as_(cast.sue).page(f"/t/{cast.sue.tenant.id}/mail-log").text
    prefer(cast, cast.sue, "de")
    assert "\u2068" not in as_(cast.sue).page(f"/t/{cast.sue.tenant.id}/mail-log").text


def test_times_are_those_of_the_reader_and_machines_get_utc(cast, as_, services):
    services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hi", "x"))
    prefer(cast, cast.sue, "de", "Europe/Berlin")
    page = as_(cast.sue).page(f"/t/{cast.sue.tenant.id}/mail-log")

    assert "02.03.2026, 10:00 MEZ" in page.text
    assert page.all("time")[0]["datetime"].startswith("2026-03-02T09:00:00")


@pytest.mark.parametrize(("zone", "day"), [("", "2026-03-02"), ("Pacific/Auckland", "2026-03-03")])
def test_the_days_of_a_filter_are_those_of_the_reader(cast, as_, clock, zone, day):
    clock.forward(hours=4)  # 13:00 UTC, which is after midnight in Auckland
    cast.services.sending.send(
        tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hi", "x")
    )
    prefer(cast, cast.sue, zone=zone)
    sue, log = as_(cast.sue), f"/t/{cast.sue.tenant.id}/mail-log"

    assert "Hi" in sue.page(f"{log}?since={day}&until={day}").text
    for other in ("2026-03-01", "2026-03-02", "2026-03-03"):
        found = "cal@demo.test" in sue.page(f"{log}?since={other}&until={other}").text
        assert found == (other == day)


def test_a_day_that_is_none_is_left_out(cast, as_):
    sue = as_(cast.sue)

    for day in ("9999-12-31", "0001-01-01", "2026-02-30", "x"):
        assert sue.get(f"/t/{cast.sue.tenant.id}/mail-log?since={day}&until={day}").status_code == 200


def test_english_catalogue_or_not_the_voice_of_english_is_english():
    assert (voice_in("").language, voice_in("en").direction, voice_in("ar").direction) == ("en", "ltr", "rtl")
