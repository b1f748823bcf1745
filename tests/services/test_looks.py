"""Who delivers learns by one look what there is to do, whether anybody does something, and when there will be more."""

from datetime import timedelta
from uuid import uuid4

import pytest

from portal.domain.ids import MessageId
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.services.looks import Looks
from portal.store import mail_configs, outbox
from portal.store.db import SYSTEM, unit_of_work

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def looks(app, clock):
    looks = Looks(clock, checks=False)
    yield looks
    looks.close()


def send(cast, lane=Lane.NORMAL):
    content, to = Outgoing("Hello", "A line.\n"), (Mailbox("cal@demo.test"),)
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=content, lane=lane)[0]


def put_off(cast, message_id, wait):
    with unit_of_work(SYSTEM) as session:
        (recipient,) = outbox.recipients_of(session, MessageId(message_id))
        recipient.next_at = cast.services.clock() + wait
        outbox.reckon_all(session, [recipient])


def test_where_there_is_nothing_nothing_will_be(cast, looks):
    seen = looks.waiting()
    assert seen.is_nothing
    assert seen.next_in is None


def test_a_mail_that_is_due_is_something_and_so_is_one_that_somebody_has_in_hand(cast, services, mail_server, looks):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    send(cast, Lane.BULK)
    assert (looks.waiting().lanes, looks.waiting().in_hand) == ({Lane.BULK}, False)

    services.delivering.claim(uuid4())
    seen = looks.waiting()
    assert (seen.lanes, seen.in_hand, seen.is_nothing) == (frozenset(), True, False)


def test_a_test_that_runs_is_in_somebodys_hands(cast, services, mail_server, looks):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    services.trials.request_own(cast.sue)
    assert (looks.waiting().trial, looks.waiting().in_hand) == (True, False)

    services.trial_runs.claim(uuid4())
    seen = looks.waiting()
    assert (seen.trial, seen.in_hand, seen.is_nothing) == (False, True, False)


def test_the_first_of_those_that_wait_says_how_long_there_is_nothing_to_do(cast, clock, looks):
    for wait in (HOUR, 7 * MINUTE, 9 * MINUTE):
        put_off(cast, send(cast), wait)
    seen = looks.waiting()
    assert (seen.is_nothing, seen.next_in) == (True, 7 * MINUTE)

    clock.forward(minutes=6)
    assert looks.waiting().next_in == MINUTE
    clock.forward(minutes=1)
    assert (looks.waiting().lanes, looks.waiting().next_in) == ({Lane.NORMAL}, 2 * MINUTE)


def test_a_check_counts_where_configurations_are_checked(cast, clock, looks):
    config = cast.active_config(cast.sue)
    with unit_of_work(SYSTEM) as session:
        mail_configs.get_row(session, cast.sue.tenant.id, config.id).check_at = clock() + HOUR
    checking = Looks(clock, checks=True)

    assert (looks.waiting().next_in, checking.waiting().next_in) == (None, HOUR)
    clock.forward(hours=1)
    assert (looks.waiting().check, checking.waiting().check) == (False, True)
    checking.close()
