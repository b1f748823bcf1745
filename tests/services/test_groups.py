"""Mails to many are taken, let past the fence and settled ten at a time, and each still ends for itself."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from portal.domain.delivery import State
from portal.domain.ids import MessageId, new_id
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.services import fences
from portal.services.answers import Answers
from portal.services.fences import Fences
from portal.services.preparation import GROUP
from portal.store import outbox
from portal.store.db import SYSTEM, reading, unit_of_work
from portal.store.journal import Journal
from tests.scripted_smtp import CLOSE, ScriptedServer
from tests.work import OWNER, deliver_all


class Killed(BaseException):
    """Ends the process at this point, as far as a test in the same process can."""


@pytest.fixture
def peer():
    with ScriptedServer(extensions=("PIPELINING", "SIZE 10000000", "8BITMIME")) as peer:
        yield peer


@pytest.fixture
def app(make_portal, peer):
    portal = make_portal(egress_ports=frozenset({peer.port}))
    with portal.app_context():
        yield portal


def place_of(peer):
    return {"host": "127.0.0.1", "port": str(peer.port), "encryption": "none", "signs_in": False}


@pytest.fixture
def sue(cast, peer):
    cast.active_config(cast.sue, **place_of(peer))
    return cast.sue


def queue(cast, person, count=10, lane=Lane.BULK, **options):
    to = (Mailbox("cal@demo.test"),)
    send = cast.services.sending.send
    return [
        send(tenant_id=person.tenant.id, to=to, content=Outgoing(f"No. {number}", "Hi"), lane=lane, **options)[0]
        for number in range(count)
    ]


def recipient_of(message_id):
    with reading(SYSTEM) as session:
        (row,) = outbox.recipients_of(session, MessageId(message_id))
        tries = len(outbox.attempts_of(session, MessageId(message_id)))
        return SimpleNamespace(
            state=State(row.state),
            attempts=row.attempts,
            crashes=row.crash_count,
            flagged=row.uncertain_count,
            tries=tries,
        )


def states(messages):
    return Counter(recipient_of(each).state for each in messages)


def questions(monkeypatch):
    """How often the fence is asked, and for how many mails each time."""
    asked, real = [], Fences._intend

    def counting(self, session, job, accepted, along):
        asked.append(1 + len(along))
        return real(self, session, job, accepted, along)

    monkeypatch.setattr(Fences, "_intend", counting)
    return asked


def die_at(monkeypatch, number):
    """End the process when the server's answer to the mail of this number is to be written down."""
    answers, real = [], Answers.write_down

    def write_down(self, outcome, **options):
        answers.append(outcome)
        if len(answers) == number:
            raise Killed
        return real(self, outcome, **options)

    monkeypatch.setattr(Answers, "write_down", write_down)


def test_ten_mails_to_many_pass_one_fence_and_share_a_connection(cast, sue, peer, monkeypatch):
    asked = questions(monkeypatch)
    messages = queue(cast, sue, 25)
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 25}
    assert asked == [10, 10, 5]
    assert (peer.connections, len(peer.messages)) == (1, 25)


def test_a_run_to_many_has_two_groups_in_hand_and_never_more(cast, sue, peer, monkeypatch):
    queue(cast, sue, 45)
    held, real = [], Fences._intend

    def counting(self, session, job, accepted, along):
        held.append(len(outbox.in_hands(session, but=())))
        return real(self, session, job, accepted, along)

    monkeypatch.setattr(Fences, "_intend", counting)
    deliver_all(cast.services)

    assert held == [20, 20, 20, 15, 5]
    assert len(peer.messages) == 45


@pytest.mark.parametrize("lane", [Lane.INTERACTIVE, Lane.NORMAL])
def test_a_mail_to_one_has_a_fence_of_its_own(cast, sue, peer, monkeypatch, lane):
    asked = questions(monkeypatch)
    queue(cast, sue, 4, lane)
    deliver_all(cast.services)

    assert asked == [1, 1, 1, 1]


def test_after_a_crash_what_was_answered_stands_and_the_others_of_the_group_are_flagged(cast, sue, peer, monkeypatch):
    messages = queue(cast, sue)
    die_at(monkeypatch, 4)
    with pytest.raises(Killed):
        cast.services.delivering.deliver(cast.services.delivering.claim(OWNER))
    cast.services.delivering.recover()

    assert states(messages) == {State.SENT: 3, State.HELD: 7}
    assert Counter(recipient_of(each).flagged for each in messages) == {0: 3, 1: 7}
    assert len(peer.messages) == 4


def test_before_the_fence_a_crash_delivers_none_of_them(cast, sue, peer, monkeypatch, clock):
    messages = queue(cast, sue)

    def die(*_):
        raise Killed

    monkeypatch.setattr(Fences, "let_pass", die)
    with pytest.raises(Killed):
        cast.services.delivering.deliver(cast.services.delivering.claim(OWNER))
    monkeypatch.undo()
    cast.services.delivering.recover()
    assert (states(messages), peer.messages) == ({State.DEFERRED: 10}, [])

    asked = questions(monkeypatch)
    clock.forward(seconds=10)
    deliver_all(cast.services)
    assert states(messages) == {State.SENT: 10}
    assert asked == [1] * 10, "whatever was there when a sender crashed travels alone: it may be poison"


def test_a_recipient_that_is_refused_takes_nobody_along(cast, sue, peer):
    peer.script["rcpt"] = [b"250 2.1.5 fine\r\n", b"550 5.1.1 nobody here\r\n", b"250 2.1.5 fine\r\n"]
    messages = queue(cast, sue)
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 9, State.FAILED: 1}


def test_an_answer_that_never_comes_leaves_one_mail_uncertain_and_the_others_go_on(cast, sue, peer):
    peer.script["dot"] = [b"250 2.0.0 taken\r\n", CLOSE, b"250 2.0.0 taken\r\n"]
    messages = queue(cast, sue)
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 9, State.HELD: 1}
    assert [recipient_of(each).attempts for each in messages] == [1] * 10


def test_at_a_stop_those_whose_dot_was_not_said_go_back_as_if_nobody_had_touched_them(cast, sue, peer):
    messages = queue(cast, sue)
    services = cast.services
    services.delivering.deliver(services.delivering.claim(OWNER), goes_on=lambda: len(peer.messages) < 3)

    assert states(messages) == {State.SENT: 3, State.QUEUED: 7}
    left = [recipient_of(each) for each in messages if recipient_of(each).state is State.QUEUED]
    assert {(each.attempts, each.crashes, each.tries) for each in left} == {(0, 0, 0)}
    deliver_all(services)
    assert len(peer.messages) == 10


def test_a_fence_holds_for_two_seconds_then_the_question_is_asked_again(cast, sue, peer, monkeypatch):
    """The company changes its way while the third of ten mails is under way."""
    messages = queue(cast, sue)
    services, now = cast.services, SimpleNamespace(value=0.0)
    slow = replace(services.delivering, fences=replace(services.delivering.fences, moment=lambda: now.value))
    claim, real = slow.claim(OWNER), type(slow)._settle

    def settle(self, job, report, run=None):
        if len(peer.messages) == 3:
            services.mail_configs.select(sue, sue.tenant.id, None)
        now.value += fences._HOLDS / 4
        real(self, job, report, run)

    monkeypatch.setattr(type(slow), "_settle", settle)
    slow.deliver(claim)

    assert len(peer.messages) == 4
    assert states(messages) == {State.SENT: 4, State.QUEUED: 6}


def test_whoever_lost_the_group_says_no_more_dots_when_the_fence_is_old(cast, sue, peer, monkeypatch):
    """A process stands still after its second mail; somebody else takes the group up meanwhile."""
    messages = queue(cast, sue)
    services, now = cast.services, SimpleNamespace(value=0.0)
    slow = replace(services.delivering, fences=replace(services.delivering.fences, moment=lambda: now.value))
    real = type(slow)._settle

    def settle(self, job, report, run=None):
        real(self, job, report, run)
        if len(peer.messages) == 2:
            now.value += 30
            services.delivering.recover()

    monkeypatch.setattr(type(slow), "_settle", settle)
    slow.deliver(slow.claim(OWNER))

    assert len(peer.messages) == 2
    assert states(messages) == {State.SENT: 2, State.HELD: 8}


def give_to_another(message_id):
    with unit_of_work(SYSTEM) as session:
        outbox.get_row(session, MessageId(message_id)).owner = new_id()


def test_what_somebody_took_away_before_the_fence_is_not_sent_and_holds_up_nobody_else(cast, sue, peer, monkeypatch):
    messages, asked = queue(cast, sue), questions(monkeypatch)
    claim = cast.services.delivering.claim(OWNER)
    give_to_another(messages[4])
    cast.services.delivering.deliver(claim)
    assert (len(peer.messages), asked) == (4, [10, 1, 9, 1, 8, 1, 7, 1, 6, 1]), "one by one up to the one that is gone"
    assert states(messages) == {State.SENT: 4, State.SENDING: 1, State.QUEUED: 5}
    assert recipient_of(messages[4]).state is State.SENDING


def test_what_somebody_took_away_before_the_outcome_is_left_to_him_and_the_others_are_settled(
    cast, sue, peer, monkeypatch
):
    messages, real = queue(cast, sue), Answers.conclude

    def conclude(self, outcomes, then):
        if len(outcomes) == 10:
            give_to_another(messages[4])
        return real(self, outcomes, then)

    monkeypatch.setattr(Answers, "conclude", conclude)
    cast.services.delivering.deliver(cast.services.delivering.claim(OWNER))

    assert states(messages) == {State.SENT: 9, State.COMMITTING: 1}
    assert recipient_of(messages[4]).state is State.COMMITTING


def test_a_configuration_that_keeps_a_pace_sends_one_by_one(cast, peer, monkeypatch):
    cast.active_config(cast.sue, **place_of(peer), per_minute="3")
    asked = questions(monkeypatch)
    messages = queue(cast, cast.sue)
    deliver_all(cast.services)

    assert asked == [1, 1, 1]
    assert states(messages) == {State.SENT: 3, State.QUEUED: 7}


def test_only_what_takes_the_same_way_goes_along(cast, sue, peer):
    other = cast.config(cast.sue, **place_of(peer) | {"name": "Other", "from_address": "other@sue.test"})
    one = queue(cast, sue, 3)
    two = queue(cast, sue, 3, config_id=other.id)
    claim = cast.services.delivering.claim(OWNER)

    assert {each.route.config_id for each in claim.along} == {claim.route.config_id}
    assert len(claim.along) == 2
    cast.services.delivering.deliver(claim)
    deliver_all(cast.services)
    assert states([*one, *two]) == {State.SENT: 6}


def test_answers_of_a_group_wait_for_the_disk_together(cast, sue, peer, monkeypatch):
    waits, real = [], Journal.write

    def write(self, answer, now, *, waits=True):
        waited.append(waits)
        return real(self, answer, now, waits=waits)

    waited = waits
    monkeypatch.setattr(Journal, "write", write)
    queue(cast, sue, GROUP)
    deliver_all(cast.services)

    assert waited == [False] * 9 + [True]


def test_what_was_erased_while_a_mail_was_in_hand_stays_erased(cast, sue, peer):
    (message,) = queue(cast, sue, 1)
    services = cast.services
    claim = services.delivering.claim(OWNER)
    with unit_of_work(SYSTEM) as session:
        outbox.get_row(session, message).content = None
    services.delivering.deliver(claim)

    with reading(SYSTEM) as session:
        assert outbox.get_row(session, message).content is None


def test_a_group_makes_one_wrong_sign_in_and_the_others_wait_without_an_attempt(cast, peer):
    peer.extensions = (*peer.extensions, "AUTH PLAIN")
    peer.script["auth"] = b"535 5.7.8 no\r\n"
    open_door = place_of(peer) | {"signs_in": True, "username": "sue", "cleartext_consent": True}
    cast.active_config(cast.sue, password="wrong", **open_door)
    messages = queue(cast, cast.sue)
    cast.services.delivering.deliver(cast.services.delivering.claim(OWNER))

    assert peer.connections == 1
    assert sorted(recipient_of(each).attempts for each in messages)[:9] == [0] * 9


def test_a_group_tries_a_server_that_hangs_up_once(cast, sue, peer):
    peer.script["banner"] = CLOSE
    messages = queue(cast, sue)
    cast.services.delivering.deliver(cast.services.delivering.claim(OWNER))

    assert peer.connections == 1
    assert states(messages) == {State.DEFERRED: 1, State.QUEUED: 9}


def test_of_a_group_whose_sender_is_refused_three_fail_and_the_others_wait(cast, sue, peer):
    peer.script["mail"] = b"550 5.7.1 not you\r\n"
    messages = queue(cast, sue)
    deliver_all(cast.services)

    assert states(messages) == {State.FAILED: 3, State.DEFERRED: 7}
