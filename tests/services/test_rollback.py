"""Who restores yesterday's database sends nothing of it again without having been asked."""

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.outgoing import Mailbox, Outgoing
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from tests.work import OWNER, deliver_all, run_trials

HELLO = Outgoing("Hello", "A line.\n")


def queue(cast, *names):
    to = tuple(Mailbox(f"{name}@demo.test") for name in names)
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=HELLO)[0]


def state_of(message_id):
    with reading(SYSTEM) as session:
        return {(State(each.state), Code(each.code)) for each in outbox.recipients_of(session, message_id)}


@pytest.fixture
def copies(cast, mail_server, database):
    """`keep()` copies the database as it is; `restore()` puts that copy in its place."""
    cast.active_config(cast.sue, **mail_server.typed("none"))
    return database


@pytest.fixture
def restored(cast, services, mail_server, copies):
    """Three mails waited when the copy was made; two of them were sent since, one of these to two people."""
    sent, to_two, waits = queue(cast, "cal"), queue(cast, "cal", "otto"), queue(cast, "cal")
    copies.keep()
    for _ in range(2):
        services.delivering.deliver(services.delivering.claim(OWNER), goes_on=lambda: False)
    assert len(mail_server.letters) == 2
    copies.restore()
    return sent, to_two, waits


def test_an_older_copy_is_recognised_and_nothing_of_it_is_sent_again(services, restored, mail_server):
    assert services.rollback.is_behind()
    services.delivering.wake()
    services.delivering.sweep()
    deliver_all(services)

    assert len(mail_server.letters) == 2
    assert {state for each in restored for state in state_of(each)} == {(State.HELD, Code.RESTORED)}
    assert not services.rollback.is_behind()


def test_neither_a_new_start_nor_another_choice_lets_it_go(cast, services, restored, mail_server):
    for _ in range(2):
        services.delivering.wake()
    cast.active_config(cast.sue, name="Another", **mail_server.typed("none"))
    deliver_all(services)

    assert len(mail_server.letters) == 2


def test_what_is_queued_afterwards_is_sent_as_ever(cast, services, restored, mail_server):
    services.delivering.wake()
    fresh = queue(cast, "cal")
    deliver_all(services)

    assert state_of(fresh) == {(State.SENT, Code.OK)}


def test_the_operator_lets_go_of_all_but_what_the_journal_knows(services, restored, mail_server):
    sent, to_two, waits = restored
    services.delivering.wake()
    held = services.rollback.held()
    assert (held.recipients, held.known_sent) == (4, 1)

    services.rollback.release()
    deliver_all(services)
    assert state_of(sent) == state_of(waits) == {(State.SENT, Code.OK)}
    # Of a mail to two the journal does not say who got it.
    assert state_of(to_two) == {(State.SENT, Code.OK)}
    assert [letter.recipients for letter in mail_server.letters[2:]].count(("cal@demo.test",)) == 1
    assert services.rollback.held().recipients == 0


def test_what_the_journal_knows_to_be_sent_keeps_no_content(services, restored):
    sent, _, waits = restored
    services.delivering.wake()
    services.rollback.release()

    with reading(SYSTEM) as session:
        assert outbox.get_row(session, sent).content is None
        assert outbox.get_row(session, waits).content is not None


def test_the_oldest_is_the_one_that_was_handed_in_first_whenever_it_is_due(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **{**mail_server.typed("none"), "port": str(mail_server.closed_port)})
    handed_in = clock()
    queue(cast, "cal")
    deliver_all(services)  # it is tried again later
    clock.forward(seconds=30)
    queue(cast, "cal")
    services.rollback.hold()

    assert services.rollback.held().oldest == handed_in


def test_a_mail_that_was_in_hand_when_the_copy_was_made_is_not_sent_again(cast, services, copies, mail_server):
    message_id = queue(cast, "cal")
    claim = services.delivering.claim(OWNER)
    copies.keep()
    services.delivering.deliver(claim)
    other = queue(cast, "cal")
    deliver_all(services)
    copies.restore()
    services.delivering.wake()
    deliver_all(services)

    assert len(mail_server.letters) == 2
    assert state_of(message_id) == {(State.HELD, Code.RESTORED)}
    assert state_of(other) == set()


def test_a_test_that_waited_in_the_copy_is_given_up(cast, services, copies, mail_server):
    trial_id = services.trials.request_own(cast.sue)
    copies.keep()
    queue(cast, "cal")
    deliver_all(services)
    copies.restore()
    services.delivering.wake()
    run_trials(services)

    assert not services.trials.get_own(cast.sue, trial_id).is_running
    assert len(mail_server.letters) == 1


def test_a_database_that_is_current_is_never_called_older(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    assert not services.rollback.is_behind()
    for _ in range(3):
        queue(cast, "cal")
        deliver_all(services)
        assert not services.rollback.is_behind()

    clock.forward(days=100)
    services.forgetting.sweep()
    assert not services.rollback.is_behind()
