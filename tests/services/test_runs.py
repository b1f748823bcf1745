"""Mails of one tenant share a connection, one behind the other, and none of them pays for another."""

from collections import Counter
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from portal.domain.delivery import State
from portal.domain.ids import MessageId
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.services import delivering
from portal.services.claiming import Claiming
from portal.store import outbox
from portal.store.db import SYSTEM, db, reading
from tests.scripted_smtp import CLOSE, ScriptedServer, ThenClose
from tests.work import OWNER, deliver_all

GROUPS = ("PIPELINING", "SIZE 10000000", "8BITMIME")


@pytest.fixture
def peer():
    with ScriptedServer(extensions=GROUPS) as peer:
        yield peer


@pytest.fixture
def app(make_portal, peer):
    portal = make_portal(egress_ports=frozenset({peer.port}))
    with portal.app_context():
        yield portal


@pytest.fixture
def sue(cast, peer):
    cast.active_config(cast.sue, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
    return cast.sue


def queue(cast, person, *subjects, **options):
    return [
        cast.services.sending.send(
            tenant_id=person.tenant.id,
            to=(Mailbox("cal@demo.test"),),
            content=Outgoing(subject, "Hello", reports=options.pop("reports", False)),
            **options,
        )[0]
        for subject in subjects
    ]


def recipient_of(message_id):
    with reading(SYSTEM) as session:
        (recipient,) = outbox.recipients_of(session, MessageId(message_id))
        return SimpleNamespace(state=State(recipient.state), attempts=recipient.attempts, reply=recipient.reply.strip())


def states(messages):
    return Counter(recipient_of(each).state for each in messages)


def test_a_run_of_mails_takes_one_connection_and_one_round_trip_each(cast, sue, peer):
    messages = queue(cast, sue, *"abcdefghij")
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 10}
    assert peer.connections == 1
    # Whoever waits for an answer to the end of a mail begins the next one with a word of its own.
    assert len([chunk for chunk in peer.chunks if chunk.startswith(b"MAIL FROM")]) == 1
    assert b"".join(peer.chunks).count(b"\r\n.\r\nMAIL FROM") == 9


def test_a_mail_is_settled_by_the_transaction_that_takes_another(cast, sue, peer):
    """A fence and an outcome for each mail; only the first two are taken for themselves, and one look finds no more."""
    messages, commits = queue(cast, sue, *"abcdefghij"), []

    def note(connection):
        commits.append(connection)

    event.listen(db.engine, "commit", note)
    deliver_all(cast.services)
    event.remove(db.engine, "commit", note)

    assert states(messages) == {State.SENT: 10}
    assert len(commits) <= 10 + 10 + 2 + 2


def test_what_goes_wrong_with_the_next_mail_settles_the_one_that_is_over(cast, sue, peer, monkeypatch):
    messages = queue(cast, sue, "first", "second", "third")

    def fail(self, session, claim, now):
        session.execute(text("UPDATE recipients SET reply = 'half done'"))
        raise RuntimeError("a bug")

    monkeypatch.setattr(Claiming, "along", fail)
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 3}
    assert [recipient_of(each).reply for each in messages] == ["250 2.0.0 queued as 42"] * 3
    assert len(peer.messages) == 3


def test_a_mail_that_goes_another_way_is_taken_for_itself(cast, sue, peer):
    """Whoever waited for two servers at once could wait for somebody who waits for him."""
    other = cast.config(sue, name="Other", host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
    messages = queue(cast, sue, "first", "second")
    messages += queue(cast, sue, "third", config_id=other.id)
    messages += queue(cast, sue, "fourth")
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 4}
    assert all(recipient_of(each).attempts == 1 for each in messages)


def test_the_connection_rests_and_the_next_run_uses_it(cast, sue, peer):
    queue(cast, sue, "first")
    deliver_all(cast.services)
    queue(cast, sue, "second")
    deliver_all(cast.services)

    assert (peer.connections, len(peer.messages)) == (1, 2)


def test_an_edited_configuration_starts_with_a_connection_of_its_own(cast, sue, peer):
    queue(cast, sue, "first")
    deliver_all(cast.services)
    services = cast.services
    config = services.mail_configs.overview(sue, sue.tenant.id).lines[0].config
    cast.active_config(sue, name="Other", host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
    services.mail_configs.delete(sue, sue.tenant.id, config.id)
    queue(cast, sue, "second")
    deliver_all(services)

    assert (peer.connections, len(peer.messages)) == (2, 2)


def test_a_rested_connection_that_the_server_has_closed_costs_a_connection_and_no_attempt(cast, sue, peer):
    peer.script["dot"] = [ThenClose(b"250 fine\r\n"), b"250 fine\r\n"]
    queue(cast, sue, "first")
    deliver_all(cast.services)
    (second,) = queue(cast, sue, "second")
    deliver_all(cast.services)

    assert recipient_of(second).state is State.SENT
    assert recipient_of(second).attempts == 1
    assert peer.connections == 2


def test_a_server_that_wants_no_more_over_this_connection_gets_a_new_one(cast, sue, peer):
    peer.script["mail"] = [b"250 fine\r\n", b"421 4.7.0 too many mails\r\n", b"250 fine\r\n"]
    messages = queue(cast, sue, "first", "second")
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 2}
    assert {recipient_of(each).attempts for each in messages} == {1}


def test_a_server_that_takes_nothing_behind_the_dot_gets_mail_by_mail_from_then_on(cast, sue, peer):
    peer.script["mail"] = [
        b"250 fine\r\n",
        ThenClose(b"503 5.5.1 pipelined after the end of data\r\n"),
        b"250 fine\r\n",
    ]
    messages = queue(cast, sue, *"abcde")
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 5}
    assert {recipient_of(each).attempts for each in messages} == {1}
    assert peer.connections == 2
    assert len([chunk for chunk in peer.chunks if chunk.startswith(b".\r\nMAIL FROM")]) == 1


def test_a_connection_lost_at_the_dot_makes_one_mail_uncertain_and_the_next_is_sent(cast, sue, peer):
    peer.script["dot"] = [CLOSE, b"250 fine\r\n"]
    messages = queue(cast, sue, "first", "second")
    deliver_all(cast.services)

    assert states(messages) == {State.UNCERTAIN: 1, State.SENT: 1}
    assert [recipient_of(each).attempts for each in messages] == [1, 1]


def test_a_refused_mail_does_not_hold_up_the_next(cast, sue, peer):
    peer.script["dot"] = [b"554 5.6.0 no\r\n", b"250 fine\r\n"]
    messages = queue(cast, sue, "first", "second")
    deliver_all(cast.services)

    assert states(messages) == {State.FAILED: 1, State.SENT: 1}
    assert peer.connections == 1


def test_a_mail_whose_route_changes_under_way_ends_without_a_dot_and_the_next_takes_the_new_route(cast, sue, peer):
    """The second mail is announced while the first still goes; then the configuration changes."""
    messages = queue(cast, sue, "first", "second")
    services = cast.services
    run = delivering._Run(lambda: True, left=1)
    first = services.delivering._prepared(run, services.delivering.claim(OWNER))
    services.delivering._settle(first, services.delivering._transmit(first, run))
    services.mail_configs.select(sue, sue.tenant.id, None)
    following = run.ready.popleft()
    services.delivering._settle(following, services.delivering._transmit(following, run))
    services.delivering.transmission.rest(run.line)

    assert len(peer.messages) == 1
    assert recipient_of(messages[1]).state is State.QUEUED


def test_a_bug_in_one_mail_is_told_and_touches_no_other(cast, sue, peer, monkeypatch):
    messages = queue(cast, sue, "first", "second", "third")
    real = type(cast.services.delivering.preparation).prepare

    def prepare(self, claim):
        if claim.message_id == messages[1]:
            raise RuntimeError("a bug")
        return real(self, claim)

    monkeypatch.setattr(type(cast.services.delivering.preparation), "prepare", prepare)
    with pytest.raises(RuntimeError):
        deliver_all(cast.services)
    deliver_all(cast.services)

    assert states(messages) == {State.SENT: 2, State.DEFERRED: 1}


def test_a_run_ends_when_it_is_told_to_and_what_follows_is_in_nobodys_hands(cast, sue, peer):
    messages = queue(cast, sue, "first", "second")
    owner = uuid4()
    services = cast.services
    services.delivering.deliver(services.delivering.claim(owner), goes_on=lambda: False)

    assert states(messages) == {State.SENT: 1, State.QUEUED: 1}


def test_a_run_leaves_the_mail_of_others_to_others(cast, sue, peer):
    cast.active_config(cast.otto, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
    mine, theirs = queue(cast, sue, "mine", "too"), queue(cast, cast.otto, "theirs")
    services = cast.services
    services.delivering.deliver(services.delivering.claim(OWNER))

    assert sorted((states(mine), states(theirs)), key=str) in (
        [{State.QUEUED: 1}, {State.SENT: 2}],
        [{State.QUEUED: 2}, {State.SENT: 1}],
    )


def test_after_some_mails_others_come_to_their_turn(cast, sue, peer):
    longest = delivering._LONGEST_RUN[Lane.NORMAL]
    messages = queue(cast, sue, *map(str, range(longest + 2)))
    services = cast.services
    services.delivering.deliver(services.delivering.claim(OWNER))

    assert states(messages) == {State.SENT: longest, State.QUEUED: 2}


def test_reports_are_asked_for_by_the_mail_that_wants_them(cast, sue, peer):
    peer.extensions = (*GROUPS, "DSN")
    (message_id,) = queue(cast, sue, "first", reports=True)
    deliver_all(cast.services)

    assert f"ENVID={message_id.hex}".encode() in b"".join(peer.chunks)


def test_the_connections_say_goodbye_when_the_portal_stops(cast, sue, peer):
    queue(cast, sue, "first")
    deliver_all(cast.services)
    cast.services.delivering.rest()

    assert peer.verbs()[-1] == "QUIT"
