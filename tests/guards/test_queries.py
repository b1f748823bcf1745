"""A page asks the database as often for sixty rows as for ten."""

import re
import sqlite3

import pytest

from portal.domain.outgoing import Mailbox, Outgoing
from portal.store.db import db
from tests.cast import plant
from tests.counting import noting
from tests.page import Browser
from tests.work import deliver_all

FEW, MANY = 10, 60
# A tree that fits on a page is read whole; by which statement a wider one is read is the matter of services/test_tree.py.
ON_ONE_PAGE = 45
_SO_MANY = re.compile(r"\(\?(, \?)*\)")  # one statement may name all rows that are shown
CONTENT = Outgoing(subject="Hello", text="A letter.")


def add_configs(cast, numbers):
    for number in numbers:
        cast.config(cast.sue, name=f"Relay {number}")


def add_companies(cast, numbers):
    """One below another and side by side, so that neither depth nor breadth costs anything."""
    parent = cast.sue.tenant
    for number in numbers:
        kind = "sub_reseller" if number % 5 == 0 else "customer"
        child = cast.services.tenants.create(cast.pia, parent.id, kind=kind, name=f"Company {number}")
        cast.active_config(cast.pia, tenant=child)
        parent = child if number % 5 == 0 else parent


def add_mails(cast, numbers):
    config = cast.active_config(cast.sue, name=f"Relay {numbers[0]}")
    for _ in numbers:
        cast.services.sending.send(
            tenant_id=cast.sue.tenant.id, to=(Mailbox("otto@demo.test"),), content=CONTENT, config_id=config.id
        )


def add_people(cast, numbers):
    for number in numbers:
        cast.services.invitations.invite(
            cast.sue, cast.sue.tenant.id, email=f"otto{number}@demo.test", name="Otto", role="staff"
        )


def add_profiles(cast, numbers):
    config = cast.config(cast.sue, name=f"Linked {numbers[0]}")
    for number in numbers:
        profile = cast.services.profiles.create(cast.sue, cast.sue.tenant.id, name=f"Profile {number}")
        cast.services.profiles.add_members(cast.sue, cast.sue.tenant.id, profile.id, [cast.sue.user_id])
        cast.services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, profile.id, config.id)


@pytest.mark.parametrize(
    ("path", "add"),
    [
        ("mail-configs", add_configs),
        ("tree", add_companies),
        ("mail-log", add_mails),
        ("people", add_people),
        ("audit-log", add_people),
        ("profiles", add_profiles),
    ],
)
def test_a_page_asks_as_often_for_many_rows_as_for_few(make_portal, path, add):
    app = make_portal()
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        add(cast, range(1, FEW + 1))
    sue = Browser.of(app, cast.sue)
    url = f"/t/{cast.sue.tenant.id}/{path}"
    few = measured(app, sue, url)
    with app.app_context():
        add(cast, range(FEW + 1, (ON_ONE_PAGE if path == "tree" else MANY) + 1))
    many = measured(app, sue, url)

    assert many[0] == few[0]
    assert many[1] > few[1] + FEW


def test_the_queue_asks_as_often_for_many_companies_and_configurations_as_for_few(make_portal):
    app = make_portal()
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        add_queued(cast, range(1, FEW + 1))
    pia = Browser.of(app, cast.pia)
    few = measured(app, pia, "/queue?configs=500")
    with app.app_context():
        add_queued(cast, range(FEW + 1, MANY + 1))
    many = measured(app, pia, "/queue?configs=500")

    assert many[0] == few[0]
    assert many[1] > few[1] + FEW


def add_queued(cast, numbers):
    """A mail of a company of its own through a configuration of its own, taken in hand once."""
    for number in numbers:
        child = cast.services.tenants.create(cast.pia, cast.sue.tenant.id, kind="customer", name=f"Company {number}")
        cast.active_config(cast.pia, tenant=child, host="127.0.0.1", port="2")
        cast.services.sending.send(tenant_id=child.id, to=(Mailbox("otto@demo.test"),), content=CONTENT)
    deliver_all(cast.services)


def measured(app, browser, url):
    """What a page asks the database, in order, and how many entries it shows for it."""
    asked = []

    with app.app_context():
        engine = db.engine
    with noting(lambda statement: asked.append(_SO_MANY.sub("(?)", statement)), engine):
        page = browser.page(url)
    return asked, len(page.all("tr") + page.all("li"))


@pytest.mark.parametrize("path", ["mail-configs", "mail-log", "dashboard"])
def test_sqlite_makes_a_plan_for_a_page_once(make_portal, path):
    """To make one takes several times as long as to ask; where a value decides about an index it would be made anew."""
    app = make_portal()
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
    sue = Browser.of(app, cast.sue)
    url = f"/t/{cast.sue.tenant.id}/{path}"

    assert planned(app, sue, url) == []


def planned(app, browser, url):
    """From which tables SQLite means to read at a second visit; it asks whether it may whenever it makes a plan."""
    tables = []

    def permit(action, table, *_rest):
        if action == sqlite3.SQLITE_READ:
            tables.append(table)
        return sqlite3.SQLITE_OK

    with app.app_context(), db.engine.connect() as connection:
        connection.connection.driver_connection.set_authorizer(permit)
    browser.page(url)
    first = tables.copy()
    tables.clear()
    browser.page(url)
    assert "tenants" in first
    return tables
