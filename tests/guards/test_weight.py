"""A first visit weighs little: the page with everything that it links, compressed."""

import gzip

import pytest

from tests.cast import plant
from tests.page import Browser

MOST = 120 * 1024  # octets
ROWS = 50
# Without compression: that of pages is left to whoever has a proxy, and not done by the portal.
MOST_OF_A_LIST = 75 * 1024


@pytest.fixture
def sue(make_portal):
    app = make_portal()
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        for number in range(ROWS):
            cast.config(cast.sue, name=f"Relay {number}")
    browser = Browser.of(app, cast.sue)
    browser.list_url = f"/t/{cast.sue.tenant.id}/mail-configs"
    return browser


def linked(page):
    """Every file that a browser fetches for a page, once."""
    styles = [each["href"] for each in page.all("link", rel="stylesheet") + page.all("link", rel="icon")]
    icons = [each["href"].partition("#")[0] for each in page.all("use")]
    return sorted({*styles, *icons, *(each["src"] for each in page.all("script") + page.all("img"))})


def weight(browser, page):
    files = [browser.client.get(url, headers={"Accept-Encoding": "gzip"}) for url in linked(page)]
    assert {each.headers["Content-Encoding"] for each in files} == {"gzip"}
    assert {each.headers["Cache-Control"] for each in files} == {"public, max-age=31536000, immutable"}
    return len(gzip.compress(page.html.encode())) + sum(len(each.data) for each in files)


def test_the_first_visit_weighs_at_most_120_kb(sue):
    for url in (sue.list_url, "/help", "/sign-in"):
        assert weight(sue, sue.page(url)) <= MOST, url


def test_fifty_rows_are_a_small_page(sue):
    page = sue.page(sue.list_url)

    assert len(page.all("tr")) > ROWS
    assert len(page.html.encode()) <= MOST_OF_A_LIST


def test_the_menu_of_a_row_is_written_once_and_stands_in_the_row_that_is_marked(sue):
    page = sue.page(sue.list_url)
    asking = page.all("a", **{"data-menu": "row-menu"})
    marked = sue.page(sue.list_url + asking[0]["href"])

    assert (len(asking), page.html.count("Change password")) == (ROWS, 1)
    assert marked.html.count("Change password") == 2
