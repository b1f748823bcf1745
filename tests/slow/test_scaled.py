"""The same portal on many processes: it delivers, every part of it may die at any time, and nothing is lost."""

import time

import pytest
from playwright.sync_api import expect

from portal.app import create_app
from portal.domain.delivery import State
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.settings import Settings
from portal.store import outbox, presence
from portal.store.db import SYSTEM, db, reading
from tests.cast import PASSWORD, plant
from tests.faults import sink as sinks
from tests.faults.storm import flags_of
from tests.slow import scaled as installations
from tests.slow.chromium import browsing, sign_in
from tests.slow.live import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TO_CAL = (Mailbox("cal@demo.test"),)
LANES = (Lane.INTERACTIVE, Lane.NORMAL, Lane.BULK)


class World:
    """The installation, a door of our own onto it, and the mail server behind it."""

    def __init__(self, installation, app, cast, sink):
        self.installation, self.app, self.cast, self.sink = installation, app, cast, sink
        self.sent = []

    def feed(self, number=12):
        """Hand in mail of three companies, in every lane."""
        for each in range(number):
            person = (self.cast.sue, self.cast.rex, self.cast.otto)[each % 3]
            content = Outgoing(f"Mail {len(self.sent)}", "A line.\n")
            message_id, _ = self.cast.services.sending.send(
                tenant_id=person.tenant.id, to=TO_CAL, content=content, lane=LANES[each % len(LANES)]
            )
            self.sent.append(message_id)

    def states(self):
        with reading(SYSTEM) as session:
            return {each: {row.state for row in outbox.recipients_of(session, each)} for each in self.sent}

    def unsent(self):
        return {each: states for each, states in self.states().items() if states != {State.SENT.value}}

    def settle(self, seconds=60):
        """Wait until everything was sent, or is left to a person or a later time because nobody knows."""
        end = time.monotonic() + seconds
        known = {State.UNCERTAIN.value, State.HELD.value}
        while any(not states <= known for states in self.unsent().values()):
            assert time.monotonic() < end, (self.unsent(), self.installation.logs())
            time.sleep(0.05)

    def senders(self):
        with reading(SYSTEM) as session:
            return len(presence.keys(session))

    def until(self, what, seconds=30):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, self.installation.logs()
            time.sleep(0.05)


@pytest.fixture
def world(tmp_path, require, monkeypatch):
    with (
        sinks.running(lambda _message_id: 0) as sink,
        installations.running(tmp_path, mail_port=sink.port, require=require) as installation,
    ):
        app = create_app(Settings.from_environ(installation.environ, ROOT))
        sink.flags = flags_of(app)
        with app.app_context():
            cast = plant(app.extensions["portal.services"])
            for person in (cast.sue, cast.rex, cast.otto):
                cast.active_config(person, host="127.0.0.1", port=str(sink.port), encryption="none", signs_in=False)
            world = World(installation, app, cast, sink)
            world.until(lambda: world.senders() == 4)
            yield world
            app.extensions["portal.worker"].stop()
            db.session.remove()
            db.engine.dispose()


def arrived(world):
    """Every mail that is known to be sent arrived, none came twice in silence."""
    with reading(SYSTEM) as session:
        sent = [each for each in world.sent if each not in world.unsent()]
        names = {outbox.get_row(session, each).message_id for each in sent}
    assert names <= set(world.sink.copies)
    assert world.sink.silent == []
    assert world.sink.altered == []


def test_a_mail_is_on_its_way_as_soon_as_it_is_handed_in(world):
    world.feed(1)
    world.settle()
    world.sent.clear()
    began = time.monotonic()
    world.feed(3)
    world.settle()

    assert time.monotonic() - began < 1.5  # the tick, every two seconds, would be later on the average
    arrived(world)


def test_cal_sends_himself_a_test_mail_over_web_broker_and_worker(world, require):
    with browsing(require("chromium")) as browser:
        page = browser.new_context(base_url=world.installation.url).new_page()
        sign_in(page, "cal", PASSWORD)
        page.goto("/me/mail")
        page.get_by_role("button", name="Send me a test mail").click()
        expect(page.get_by_text("accepted the mail for cal@demo.test")).to_be_visible(timeout=20_000)

    assert len(world.sink.copies) == 1


@pytest.mark.parametrize("name", ["worker", "another worker", "web", "beat", "broker"])
def test_each_part_may_die_and_nothing_is_lost(world, name):
    part = world.installation.parts[name]
    for pause in (0.05, 0.15, 0.4):
        world.feed()
        time.sleep(pause)
        part.kill()
        world.feed()
        time.sleep(0.3)
        part.start()
    world.feed()
    world.settle()

    world.until(lambda: world.senders() == 4)
    arrived(world)


def test_a_broker_that_forgot_everything_loses_nothing(world):
    world.installation.parts["worker"].end()
    world.installation.parts["another worker"].end()
    world.feed(30)
    time.sleep(0.3)
    world.installation.flush_broker()
    world.installation.parts["worker"].start()
    world.settle()

    arrived(world)
    assert world.unsent() == {}


def test_a_database_that_restarts_loses_nothing(world):
    world.feed(30)
    world.installation.postgres.restart()
    db.session.remove()
    world.feed()
    world.settle()

    world.until(lambda: world.senders() == 4)
    arrived(world)


def test_workers_that_are_asked_to_end_leave_nothing_uncertain(world):
    for name in ("worker", "another worker") * 2:
        world.until(lambda: world.senders() == 4)  # who has not begun yet does not know how to end either
        world.feed()
        time.sleep(0.05)
        assert world.installation.parts[name].end() == 0
        world.installation.parts[name].start()
    world.settle()

    assert world.unsent() == {}
    assert [each for each in world.sink.copies.values() if len(each) > 1] == []
