"""A sign-in with another browser is told to whoever it was, and only that."""

import pytest

from portal.domain.secret import Secret
from portal.services.browsers import REMEMBERED, Browser
from tests.cast import PASSWORD
from tests.work import deliver_all

HERS = Browser("a mark", "Firefox", "192.0.2.7")
OTHER = Browser("another mark", "Chrome <b>", "192.0.2.8")


@pytest.fixture(autouse=True)
def served(cast, mail_server):
    cast.active_config(cast.rex, **mail_server.typed("none"))


def come_in(services, browser, person="sue", password=PASSWORD):
    services.accounts.sign_in(f"{person}@demo.test", Secret(password), address=browser.address, browser=browser)
    deliver_all(services)


def test_the_first_browser_is_no_news_and_another_one_is(cast, services, mail_server):
    come_in(services, HERS)
    come_in(services, HERS)
    assert mail_server.letters == []

    come_in(services, OTHER)
    (letter,) = mail_server.letters
    assert letter.recipients == ("sue@demo.test",)
    assert letter.subject == "Somebody signed in to your account with another browser"
    for part in ("2 Mar 2026, 09:00 UTC", "Chrome <b>", "192.0.2.8"):
        assert part in letter.text
    assert "Chrome &lt;b&gt;" in letter.message.get_body(("html",)).get_content()

    come_in(services, OTHER)
    assert len(mail_server.letters) == 1


def test_two_people_at_one_browser_are_two_people(cast, services, mail_server):
    come_in(services, HERS)
    come_in(services, HERS, person="rex")

    assert mail_server.letters == []


def test_without_any_way_for_the_mail_one_comes_in_all_the_same(cast, services, mail_server):
    services.mail_configs.select(cast.rex, cast.rex.tenant.id, None)
    come_in(services, HERS)
    come_in(services, OTHER)

    assert mail_server.letters == []


def test_a_browser_that_was_away_for_too_long_is_another_one(cast, services, mail_server, clock):
    come_in(services, HERS)
    clock.forward(days=REMEMBERED.days - 1)
    come_in(services, OTHER)
    clock.forward(days=2)
    services.forgetting.sweep()
    mail_server.clear()
    come_in(services, HERS)

    assert len(mail_server.letters) == 1


def test_only_the_latest_twenty_are_kept(cast, services, mail_server, clock):
    come_in(services, HERS)
    for number in range(20):
        clock.forward(minutes=10)
        come_in(services, Browser(f"mark {number}", "Firefox", f"192.0.{number}.1"))
    mail_server.clear()
    come_in(services, Browser("mark 3", "Firefox", "192.0.3.1"))
    assert mail_server.letters == []

    come_in(services, HERS)
    assert len(mail_server.letters) == 1
