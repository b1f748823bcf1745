"""A process that is asked to end lets go of mail that nobody has yet, within a second, and waits for what may have arrived."""

import time
from contextlib import contextmanager

import pytest

from portal.domain.delivery import State
from portal.domain.ids import MessageId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.mail import dialogue
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from tests.cast import plant
from tests.scripted_smtp import SILENCE, Drip, ScriptedServer
from tests.work import OWNER
from tests.worker.test_loop import until

LONG = Outgoing("Hello", "A line.\n" * 20)


@contextmanager
def portal_beside(make_portal, script):
    with ScriptedServer(script=script) as peer:
        app = make_portal(egress_ports=frozenset({peer.port}))
        with app.app_context():
            yield app, peer


def queued(cast, peer, number=1):
    cast.active_config(cast.sue, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
    to = (Mailbox("cal@demo.test"),)
    return [cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=LONG)[0] for _ in range(number)]


def line(message_id):
    with reading(SYSTEM) as session:
        (recipient,) = outbox.recipients_of(session, MessageId(message_id))
        return State(recipient.state), recipient.attempts, recipient.crash_count


def stopped(app, heard):
    """Deliver until the server heard this, then stop; the seconds that it took."""
    loop = app.extensions["portal.worker"]
    loop.start()
    assert until(heard)
    time.sleep(0.1)
    began = time.monotonic()
    loop.stop()
    return time.monotonic() - began


def cast_of(app):
    return plant(app.extensions["portal.services"])


@pytest.mark.parametrize("stage", ["banner", "ehlo", "mail", "rcpt", "data"])
def test_before_the_dot_a_mail_is_let_go_within_a_second_and_it_costs_no_attempt(make_portal, stage):
    with portal_beside(make_portal, {stage: SILENCE}) as (app, peer):
        messages = queued(cast_of(app), peer, 3)
        seconds = stopped(app, lambda: peer.connections)

        assert seconds < 3
        assert [line(each) for each in messages] == [(State.QUEUED, 0, 0)] * 3
        assert peer.messages == []


def test_a_mail_that_was_let_go_leaves_with_the_next_process(make_portal):
    with portal_beside(make_portal, {"rcpt": [SILENCE, b"250 fine\r\n"]}) as (app, peer):
        (message_id,) = queued(cast_of(app), peer)
        stopped(app, lambda: "RCPT" in peer.verbs())
        assert line(message_id) == (State.QUEUED, 0, 0)
        services = app.extensions["portal.services"]
        services.delivering.deliver(services.delivering.claim(OWNER))

        assert line(message_id)[0] is State.SENT
        assert len(peer.messages) == 1


def test_behind_the_dot_the_answer_is_waited_for(make_portal):
    with portal_beside(make_portal, {"dot": Drip(b"250 2.0.0 taken\r\n", every=0.05)}) as (app, peer):
        messages = queued(cast_of(app), peer, 2)
        stopped(app, lambda: peer.messages)

        assert line(messages[0])[0] is State.SENT
        assert len(peer.messages) == 1


def test_whoever_answers_a_dot_too_late_leaves_a_mail_of_which_nobody_knows(make_portal, monkeypatch):
    monkeypatch.setattr(dialogue, "GRACE", 0.5)
    with portal_beside(make_portal, {"dot": SILENCE}) as (app, peer):
        (message_id,) = queued(cast_of(app), peer)
        seconds = stopped(app, lambda: peer.messages)

        assert seconds < 3
        assert line(message_id)[0] is State.UNCERTAIN


def test_a_test_mail_is_carried_to_its_end(make_portal):
    with portal_beside(make_portal, {"rcpt": Drip(b"250 2.1.5 fine\r\n", every=0.05)}) as (app, peer):
        cast = cast_of(app)
        cast.active_config(cast.sue, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
        trial_id = cast.services.trials.request_own(cast.sue)
        stopped(app, lambda: "RCPT" in peer.verbs())

        assert not cast.services.trials.get_own(cast.sue, trial_id).is_running
        assert len(peer.messages) == 1
