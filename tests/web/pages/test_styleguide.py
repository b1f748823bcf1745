"""The style page shows every component; whoever runs the portal for others does not have it."""

import pytest

from tests.page import Browser


@pytest.mark.parametrize("query", ["", "?scheme=dark&dir=rtl&words=long", "?scheme=light", "?scheme=nonsense&dir=up"])
def test_developers_see_every_variant_without_signing_in(as_, query):
    page = as_().page(f"/styleguide{query}")

    assert "Every component in each of its states" in page.text
    assert page.complaints() == []


def test_a_variant_is_chosen_by_its_address(as_):
    shown = as_().page("/styleguide?scheme=dark&dir=rtl&words=long").all("main")[0]

    assert (shown["data-scheme"], shown["dir"]) == ("dark", "rtl")
    assert "data-scheme" not in as_().page("/styleguide").all("main")[0]


def test_production_has_no_such_page(make_portal):
    # Cookies of production need HTTPS, which the request says it came by.
    answer = Browser.of(make_portal(production=True)).client.get("/styleguide", base_url="https://portal.test")

    assert answer.status_code == 404


def test_the_demo_has_one(demo_app):
    assert Browser.of(demo_app).client.get("/styleguide").status_code == 200
