"""A tree that does not fit on a page, in a real Chromium: unfolded in place, walked by keys, and without scripts, too."""

import sqlite3
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.slow.chromium import DESKTOP, PHONE, browsing, overflows, violations, visiting
from tests.slow.live import running

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def live(tmp_path):
    with running(tmp_path / "instance") as portal:
        _widen(portal.instance / "portal.db")
        yield portal


@pytest.fixture
def browser(require):
    with browsing(require("chromium")) as chromium:
        yield chromium


def _widen(path):
    """Customers by the hundred below Sue and below Rex, as rows like those that are there."""
    with sqlite3.connect(path, timeout=30) as rows:
        rows.row_factory = sqlite3.Row
        (label,) = rows.execute("SELECT max(label) FROM tenants").fetchone()
        for name in ("Rex Hosting", "Sue & Partners"):
            parent = dict(rows.execute("SELECT * FROM tenants WHERE name = ?", (name,)).fetchone())
            for number in range(120):
                label += 1
                called = f"{name} customer {number:03}, with quite a long name"
                own = {"id": uuid4().hex, "parent_id": parent["id"], "kind": "customer", "name": called}
                own |= {"name_key": called.casefold(), "label": label, "path": f"{parent['path']}zz{label}."}
                row = {**parent, **own, "active_config_id": None}
                marks = ", ".join("?" for _ in row)
                rows.execute(f"INSERT INTO tenants ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_branches_come_in_place_and_the_address_keeps_what_is_open(browser, live, viewport, theme):
    with visiting(browser, live.url, person="rex", viewport=viewport, theme=theme) as page:
        page.goto(page.url.replace("/mail-configs", "/tree"))
        names = page.locator(".tree__name")
        expect(names).to_have_count(51)
        page.get_by_role("link", name="Show more below Rex Hosting").click()
        expect(names).to_have_count(101)
        page.get_by_role("link", name="Show more below Rex Hosting").click()
        expect(names).to_have_count(123)

        page.get_by_role("link", name="Companies below Sue & Partners").click()
        expect(names).to_have_count(173)
        assert violations(page) == []
        assert not overflows(page)
        page.goto(f"{page.url.partition('?')[0]}?q=sue")
        expect(page.locator(".tree__name mark")).to_have_count(50)
        assert violations(page) == []
        page.get_by_role("link", name="Show more").click()
        expect(page.locator(".tree__name mark").first).to_be_visible()


def test_keys_walk_and_unfold(browser, live):
    with visiting(browser, live.url, person="pia") as page:
        page.goto(page.url.replace("/mail-configs", "/tree"))
        page.locator(".tree__name").first.focus()
        for key in ("ArrowDown", "ArrowDown", "Home", "End", "ArrowUp"):
            page.keyboard.press(key)
        expect(page.locator(".tree__name:focus")).to_have_text("Otto Online")
        page.keyboard.press("ArrowDown")
        expect(page.locator(".tree__name:focus")).to_have_text("Rex Hosting")

        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("link", name="Companies below Rex Hosting")).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".tree__name:focus")).to_have_text("Rex Hosting customer 000, with quite a long name")
        assert page.url.count("open=") == 1
        page.reload()
        expect(page.get_by_text("Rex Hosting customer 000", exact=False)).to_be_visible()
        page.get_by_text("Rex Hosting customer 000", exact=False).focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".tree__name:focus")).to_have_text("Rex Hosting")
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_text("Rex Hosting customer 000", exact=False)).to_be_hidden()
        assert "open=none" in page.url


def test_without_scripts_every_fold_and_every_page_is_a_link(browser, live):
    with visiting(browser, live.url, person="pia", scripts=False) as page:
        page.goto(page.url.replace("/mail-configs", "/tree"))
        page.get_by_role("link", name="Companies below Rex Hosting").click()
        expect(page.locator(".tree__name")).to_have_count(53)
        page.get_by_role("link", name="Show more below Rex Hosting").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Companies of Rex Hosting")
        expect(page.get_by_text("Rex Hosting customer 050", exact=False)).to_be_visible()
        page.get_by_role("link", name="Back to the first companies").click()
        expect(page.get_by_text("Rex Hosting customer 000", exact=False)).to_be_visible()
