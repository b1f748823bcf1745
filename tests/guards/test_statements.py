"""No page asks the database for much: lists three times at most, everything else six times at most, the session included."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.store.db import db
from tests.cast import plant
from tests.counting import noting
from tests.fixtures_portal import Clock
from tests.guards.inhabited import inhabiting
from tests.guards.routes import ways
from tests.page import Browser
from tests.work import deliver_all

pytestmark = pytest.mark.timeout(180)

LIST, PAGE = 3, 6
T = "/t/<uuid:tenant_id>"
_OF_A_COMPANY = ("tree", "mail-configs", "people", "profiles", "contacts", "invoices", "mail-log", "audit-log")
LISTS = {f"{T}/{each}" for each in _OF_A_COMPANY} | {"/demo/mailbox", "/me/security"}
# What tells most, and so has to be among the pages that were counted.
RICH = {"/queue", f"{T}/dashboard", f"{T}/explanation", f"{T}/mail-configs/<uuid:config_id>/deletion"}
WHO = {
    "Pia": "the provider, in a company two levels below",
    "Sue": "a company's owner, at home",
    "Cal": "somebody who only has mail of his own",
}


@pytest.fixture(scope="module")
def town(empty_database, tmp_path_factory):
    with inhabiting(tmp_path_factory.mktemp("statements"), empty_database, Clock()) as found:
        yield found


@contextmanager
def counting(app) -> Iterator[list[str]]:
    """What is asked meanwhile; how a transaction begins and ends does not count."""
    asked = []

    def note(statement):
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    with noting(note, engine):
        yield asked


def most(rule):
    return LIST if rule in LISTS else PAGE


@pytest.mark.parametrize("who", WHO)
def test_every_page_asks_the_database_as_seldom_as_it_may(town, who):
    visitor, sues = town[who], town.company_of(town["Sue"])
    counts = {}
    for way in (each for each in ways(town.app) if each.is_safe):
        ids = {**sues.ids, **visitor.ids} if way.rule.rule.startswith("/me/") else sues.ids
        with counting(town.app) as asked:
            answer = visitor.ask(town.app, "GET", town.url(way, ids))
        if answer.status_code == 200:
            counts[way.rule.rule] = len(asked)

    assert {rule: count for rule, count in counts.items() if count > most(rule)} == {}
    if who == "Pia":
        assert counts.keys() >= LISTS | RICH


# Of what is imagined another configuration is opened; a mail of ours asks for its words.
@pytest.mark.parametrize("more", [{}, {"selected": "provider-default"}, {"purpose": "invitation"}])
@pytest.mark.parametrize("by", ["id", "address"])
def test_an_explanation_of_somebodys_mail_asks_as_seldom(town, by, more):
    sue = town["Sue"]
    who = {"id": str(sue.actor.user_id), "address": sue.actor.email}[by]
    with counting(town.app) as asked:
        answer = sue.ask(town.app, "GET", f"/t/{sue.actor.tenant.id}/explanation", {"user": who, **more})

    assert answer.status_code == 200
    assert 0 < len(asked) <= PAGE


def test_the_log_of_those_below_asks_no_more_than_a_list(town):
    pia = town["Pia"]
    with counting(town.app) as asked:
        answer = pia.ask(town.app, "GET", f"/t/{pia.actor.tenant.id}/mail-log", {"below": "1"})

    assert answer.status_code == 200
    assert 0 < len(asked) <= LIST


def test_a_queue_in_which_everything_happens_at_once_asks_no_more_either(make_portal):
    app = make_portal()
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        letter = Outgoing("Hello", "A line.")
        cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=letter)
        deliver_all(cast.services)  # nothing applies, so it is held
        cast.services.rollback.hold()
        cast.services.queue.hold(cast.pia)
    pia = Browser.of(app, cast.pia)
    pia.page("/queue")
    with counting(app) as asked:
        page = pia.page("/queue")

    assert "The whole queue is held" in page.text
    assert "It may have been sent since: one recipient." in page.text
    assert 0 < len(asked) <= PAGE


def test_an_explanation_of_what_is_imagined_asks_no_more_either(make_portal):
    """Of two configurations, with words of the company's own."""
    app = make_portal()
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        cast.active_config(cast.sue)
        other = cast.config(cast.sue, name="Other")
    sue = Browser.of(app, cast.sue)
    url = f"/t/{cast.sue.tenant.id}/explanation?user={cast.sue.user_id}&purpose=invoice&selected={other.id}"
    sue.page(url)
    with counting(app) as asked:
        page = sue.page(url)

    assert "Other" in page.text
    assert 0 < len(asked) <= PAGE
