"""What somebody types is held against the chosen encoding, character by character, before any mail is."""

import pytest

from tests.editing import new_url
from tests.page import Page


@pytest.fixture
def sue(cast, as_):
    return as_(cast.sue)


@pytest.fixture
def here(cast):
    return cast.sue.tenant.id


def fit(sue, here, **typed):
    answer = sue.post(f"/t/{here}/samples", {"charset": "iso-8859-1", "misfit": "utf-8", **typed})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    return answer.text


@pytest.mark.req("S1.17")
def test_every_character_that_does_not_fit_is_named_with_what_happens_then(sue, here):
    assert fit(sue, here, from_name="Sůša") == (
        "iso-8859-1 does not have: ů (U+016F), š (U+0161). What holds that goes out as UTF-8, and the mail log says so."
    )
    assert fit(sue, here, sample_words="5\u202f€", misfit="strict") == (
        "iso-8859-1 does not have: U+202F, € (U+20AC). A mail with that is held, and the mail log says why."
    )


def test_what_fits_is_told_too_and_nothing_is_said_of_nothing(sue, here):
    assert fit(sue, here, from_name="Süe") == "Your own words fit iso-8859-1."
    assert fit(sue, here, from_name=" ") == ""
    assert fit(sue, here, from_name="Süe", charset="utf-7") == ""


def test_a_long_list_is_cut_and_so_is_a_long_line(sue, here):
    told = fit(sue, here, from_name="абвгдежз", sample_words="x" * 10_000 + "ю")

    assert told.startswith("iso-8859-1 does not have: а (U+0430), б (U+0431), в (U+0432), г (U+0433), д (U+0434) …. ")
    assert "ю" not in told


@pytest.mark.req("S1.17")
def test_the_form_says_the_same_without_scripts(sue, here):
    form = sue.page(new_url(here))
    url = form.all("button", name="fill")[0]["formaction"]

    page = Page(sue.post(url, {**form.fields(), "charset": "iso-8859-2", "sample_words": "Привет"}).text)

    assert "iso-8859-2 does not have: П (U+041F), р (U+0440)" in page.text
    assert "Příliš žluťoučký kůň" in page.text
    assert page.value("sample_words") == "Привет"
