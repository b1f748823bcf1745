"""The portal answers to its own name and to approved ones, shows each its brand, and keeps their sessions apart."""

import re

import pytest
from sqlalchemy import event

from portal.domain.branding import TypedBranding
from portal.domain.second_factor import Rule
from portal.services.brand_shelf import LIFE, BrandShelf
from portal.store.db import db
from tests.cast import PASSWORD, plant
from tests.page import Browser, Page
from tests.work import deliver_all

OWN, REXES, OTTOS = "https://portal.test", "https://mail.rex.example", "https://mail.otto.example"
RED = "#aa0044"


class House:
    """A portal in production; every client of it is a browser of its own."""

    def __init__(self, app):
        self.app, self.services = app, app.extensions["portal.services"]
        with app.app_context():
            self.cast = plant(self.services)

    def named(self, person, url):
        """Let a company have this name, approved."""
        with self.app.app_context():
            host = self.services.brand_hosts.ask(person, person.tenant.id, url.removeprefix("https://"))
            self.services.brand_hosts.approve(self.cast.pia, host.id)
        return host

    def branded(self, person, **typed):
        with self.app.app_context():
            version = self.services.brandings.get(person, person.tenant.id).version
            self.services.brandings.change(person, person.tenant.id, TypedBranding(**typed), version=version)

    def browser(self):
        return Browser.of(self.app).client

    def sign_in(self, client, email, url, password=PASSWORD):
        page = Page(client.get("/sign-in", base_url=url).text)
        form = {"email": email, "password": password, "csrf_token": page.value("csrf_token")}
        return client.post("/sign-in", base_url=url, data=form)

    def signed_in(self, email, url):
        client = self.browser()
        assert self.sign_in(client, email, url).status_code == 303
        return client


@pytest.fixture
def house(make_portal):
    return House(make_portal(production=True, public_url=OWN, second_factor=Rule.OPTIONAL))


def answered(client, url, path="/sign-in"):
    return client.get(path, base_url=url).status_code


@pytest.mark.asvs("3.5.4")
def test_a_name_is_answered_from_its_approval_until_it_is_taken_away(house):
    rex, client = house.cast.rex, house.browser()
    with house.app.app_context():
        host = house.services.brand_hosts.ask(rex, rex.tenant.id, "mail.rex.example")
    asked = answered(client, REXES)
    with house.app.app_context():
        house.services.brand_hosts.approve(house.cast.pia, host.id)
    approved = answered(client, REXES)
    with house.app.app_context():
        house.services.brand_hosts.refuse(house.cast.pia, host.id)

    assert (asked, approved, answered(client, REXES), answered(client, OWN)) == (400, 200, 400, 200)


def test_a_name_taken_away_by_another_process_ends_within_seconds(house, clock):
    host, client = house.named(house.cast.rex, REXES), house.browser()
    before = answered(client, REXES)
    elsewhere = type(house.services.brand_hosts)(
        clock, house.services.audit, BrandShelf(clock), house.services.brand_hosts.urls
    )
    with house.app.app_context():
        elsewhere.refuse(None, host.id)
    at_once = answered(client, REXES)
    clock.forward(seconds=LIFE.total_seconds())

    assert (before, at_once, answered(client, REXES)) == (200, 200, 400)


@pytest.mark.parametrize("spelling", ["mail.rex.example:8443", "MAIL.Rex.Example"])
def test_a_port_and_capital_letters_change_no_name(house, spelling):
    house.named(house.cast.rex, REXES)

    assert answered(house.browser(), f"https://{spelling}") == 200


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "evil.example",
        "mail.rex.example.evil.example",
        "mail.rex.example.",
        "mail.rex.example@evil.example",
        "[",
        "x y",
    ],
)
def test_what_only_looks_like_a_name_is_refused(house, forged):
    house.named(house.cast.rex, REXES)
    answer = house.browser().get("/sign-in", headers={"Host": forged})

    assert (answer.status_code, "evil" in answer.text) == (400, False)


def test_without_production_any_name_is_taken_for_the_portals_own(make_portal):
    house = House(make_portal())
    house.branded(house.cast.rex, product="RexMail")
    house.named(house.cast.rex, REXES)
    pages = [house.browser().get("/sign-in", base_url=url).text for url in ("http://127.0.0.1", REXES)]

    assert [("Relaytree" in page, "RexMail" in page) for page in pages] == [(True, False), (False, True)]


def test_only_people_of_the_brands_companies_come_in_under_its_name(house):
    house.named(house.cast.rex, REXES)
    answers = {
        name: house.sign_in(house.browser(), f"{name}@demo.test", REXES)
        for name in ("rex", "sue", "cal", "pia", "otto")
    }
    wrong = house.sign_in(house.browser(), "sue@demo.test", REXES, "not the password")

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "rex": 303, "sue": 303, "cal": 303, "pia": 422, "otto": 422,
    }  # fmt: skip
    told = [Page(answer.text).text for answer in (answers["otto"], wrong)]
    assert told[0] == told[1]
    assert house.sign_in(house.browser(), "otto@demo.test", OWN).status_code == 303


@pytest.mark.parametrize(("began", "elsewhere"), [(REXES, OWN), (OWN, REXES), (REXES, "https://sue.example")])
def test_a_session_counts_under_its_own_name_alone(house, began, elsewhere):
    house.named(house.cast.rex, REXES)
    house.named(house.cast.sue, "https://sue.example")
    sue = house.signed_in("sue@demo.test", began)
    cookie = sue.get_cookie("__Host-portal", domain=began.removeprefix("https://"))
    thief = house.browser()
    thief.set_cookie("__Host-portal", cookie.value, domain=elsewhere.removeprefix("https://"), secure=True)

    assert cookie.origin_only
    assert answered(sue, began, "/me/mail") == 200
    assert answered(thief, elsewhere, "/me/mail") == 303


def test_whoever_moves_away_from_under_a_name_is_not_in_there_any_more(house):
    cast = house.cast
    house.named(cast.rex, REXES)
    sue = house.signed_in("sue@demo.test", REXES)
    with house.app.app_context():
        house.services.moving.move(cast.pia, cast.sue.tenant.id, cast.otto.tenant.id, version=cast.sue.tenant.version)

    assert answered(sue, REXES, "/me/mail") == 303
    assert house.sign_in(house.browser(), "sue@demo.test", REXES).status_code == 422


def test_each_name_has_its_brand_and_the_people_below_inherit_it(house):
    house.branded(
        house.cast.rex, product="RexMail", accent=RED, support="help@rex.example", imprint="https://rex.example/i"
    )
    house.branded(house.cast.otto, product="Otto Post")
    house.named(house.cast.rex, REXES)
    house.named(house.cast.otto, OTTOS)
    doors = {url: house.browser().get("/sign-in", base_url=url).text for url in (OWN, REXES, OTTOS)}
    inside = house.signed_in("sue@demo.test", REXES).get("/me/mail", base_url=REXES).text
    elsewhere = house.signed_in("sue@demo.test", OWN).get("/me/mail", base_url=OWN).text

    def called(page):
        return [name for name in ("Relaytree", "RexMail", "Otto Post") if name in page]

    assert {url: called(page) for url, page in doors.items()} == {
        OWN: ["Relaytree"], REXES: ["RexMail"], OTTOS: ["Otto Post"],
    }  # fmt: skip
    assert [called(inside), called(elsewhere)] == [["RexMail"], ["RexMail"]]
    for page in (doors[REXES], inside):
        assert "· RexMail</title>" in page
        assert {"mailto:help@rex.example", "https://rex.example/i"} <= {each["href"] for each in Page(page).all("a")}
    assert "rex.example/i" in house.browser().get("/nowhere", base_url=REXES).text


def test_the_colour_comes_as_a_stylesheet_that_may_be_kept_for_ever(house):
    house.branded(house.cast.rex, accent=RED)
    house.named(house.cast.rex, REXES)
    client = house.browser()
    styles = [each["href"] for each in Page(client.get("/sign-in", base_url=REXES).text).all("link", rel="stylesheet")]
    answer = client.get(styles[1], base_url=OWN)

    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f"--accent: light-dark({RED}, " in answer.text
    assert client.get(styles[1].replace("aa0044", "aa0045"), base_url=OWN).status_code == 404
    assert len(Page(client.get("/sign-in", base_url=OWN).text).all("link", rel="stylesheet")) == 1


def test_a_page_asks_the_database_nothing_for_its_brand_within_seconds(house, clock):
    house.branded(house.cast.rex, product="RexMail")
    sue = house.signed_in("sue@demo.test", OWN)
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    with house.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    for wait in (0, LIFE.total_seconds()):
        clock.forward(seconds=wait)
        sue.get("/me/mail", base_url=OWN)
        asked.append("---")
    event.remove(engine, "before_cursor_execute", note)

    first, second = "\n".join(asked).split("---")[:2]
    assert ("brand" in first, second.count("brand_states.version"), second.count("FROM brandings")) == (False, 1, 0)


def test_under_a_brand_no_page_names_what_is_behind_it(house):
    house.branded(house.cast.rex, product="RexMail")
    house.named(house.cast.rex, REXES)
    rex, own = house.signed_in("rex@demo.test", REXES), f"/t/{house.cast.rex.tenant.id}"
    menu = [each["href"] for each in Page(rex.get("/me/mail", base_url=REXES).text).all("a", class_="nav__link")]
    paths = {*menu, f"{own}/branding", f"{own}/mail-configs/new", "/nowhere"}
    pages = {path: rex.get(path, base_url=REXES).text for path in paths}

    assert len(pages) >= 12
    assert [path for path, page in pages.items() if "relaytree" in page.lower()] == []


def test_the_name_under_which_a_link_is_asked_for_plays_no_part_in_it(house, mail_server):
    house.named(house.cast.rex, REXES)
    with house.app.app_context():
        house.cast.active_config(house.cast.pia, **mail_server.typed("none"))
    for email, url in (("otto@demo.test", REXES), ("sue@demo.test", OWN)):
        client = house.browser()
        token = Page(client.get("/password-resets/new", base_url=url).text).value("csrf_token")
        client.post("/password-resets", base_url=url, data={"email": email, "csrf_token": token})
    with house.app.app_context():
        deliver_all(house.services)

    found = {letter.recipients[0]: re.findall(r"https://[^/\s]+", letter.text) for letter in mail_server.letters}
    assert found == {"otto@demo.test": [OWN], "sue@demo.test": [REXES]}
