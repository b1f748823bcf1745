"""From PostgreSQL many processes deliver: each is known by a lock, and none takes what another has in hand."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from portal.domain.delivery import State
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.domain.owners import new_owner
from portal.store import outbox, presence
from portal.store.db import SYSTEM, db, reading, unit_of_work
from portal.store.presence import Presence
from tests.worker.test_loop import states, until

HELLO = Outgoing("Hello", "A line.\n")
TO_CAL = (Mailbox("cal@demo.test"),)


@pytest.fixture
def database(on_postgres):
    return on_postgres


@pytest.fixture
def join(app):
    """`join()` is a process that is there; it hears of news in `told`."""
    joined = []

    def join():
        one, told = Presence(db.engine), threading.Event()
        assert one.take(told.set)
        joined.append(one)
        return one, told

    yield join
    for one in joined:
        one.release()


def present():
    with reading(SYSTEM) as session:
        return presence.keys(session)


def name_of(app):
    with app.app_context():
        return db.engine.url.database


def queue(cast, number=1, **options):
    return [
        cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO, **options)[0]
        for _ in range(number)
    ]


def in_threads(app, work, number):
    """Do the same in several threads at once, each with a connection of its own; what each of them returned."""
    start = threading.Barrier(number)

    def one(_):
        with app.app_context():
            start.wait()
            return work()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_a_process_is_seen_for_as_long_as_it_is_there(join):
    (first, _), (second, _) = join(), join()
    assert present() == {first.key, second.key}

    first.release()
    assert until(lambda: present() == {second.key})


def test_a_commit_that_makes_work_is_heard_in_every_process(cast, join):
    (_, told), (_, also_told) = join(), join()
    queue(cast)

    assert told.wait(5)
    assert also_told.wait(5)


def test_a_process_whose_connection_is_cut_comes_back_under_another_key(app, postgres, join):
    one, told = join()
    key = one.key
    postgres.drop_sessions(name_of(app))
    db.engine.dispose()

    assert told.wait(10)
    assert until(lambda: one.is_held)
    assert one.key != key
    assert present() == {one.key}


def test_what_a_process_that_is_there_has_in_hand_is_left_to_it(cast, services, sending, join):
    one, _ = join()
    (message_id,) = queue(cast)
    owner = new_owner(one.key)
    services.delivering.claim(owner)
    services.delivering.recover()
    assert owner_of(message_id) == owner

    one.release()
    assert until(lambda: not present())
    services.delivering.recover()
    assert owner_of(message_id) is None


def test_what_its_own_process_has_given_up_is_taken_up_although_that_is_there(cast, services, sending, join):
    one, _ = join()
    mine, lost = new_owner(one.key), new_owner(one.key)
    first, second = queue(cast, 2)
    owners = {services.delivering.claim(owner).message_id: owner for owner in (mine, lost)}
    services.delivering.recover(mine, of=one.key)

    assert {owner_of(first), owner_of(second)} == {mine, None}
    assert set(owners.values()) == {mine, lost}


def owner_of(message_id):
    with reading(SYSTEM) as session:
        return outbox.get_row(session, message_id).owner


@pytest.fixture
def sending(cast, mail_server):
    """Sue's mail has a way, over one configuration for all."""
    return cast.active_config(cast.sue, **mail_server.typed("none"))


def test_no_mail_is_taken_twice_by_many_who_ask_at_once(cast, app, services, sending, monkeypatch):
    monkeypatch.setattr("portal.services.claiming._CONNECTIONS", 1000)
    wanted = set(queue(cast, 40))

    def all_there_is():
        claims = iter(lambda: services.delivering.claim(uuid4()), None)
        return [claim.message_id for claim in claims]

    found = [each for share in in_threads(app, all_there_is, 6) for each in share]
    # Whoever asks while another one has the last mail in its hands finds nothing, and asks again.
    found += all_there_is()
    assert Counter(found) == Counter(wanted)


def test_no_more_than_two_at_once_go_through_one_configuration(cast, app, services, sending):
    queue(cast, 12)

    claims = in_threads(app, lambda: services.delivering.claim(uuid4()), 6)
    assert len([claim for claim in claims if claim]) == 2


def test_no_more_than_one_at_once_in_the_bulk_lane(cast, app, services, sending):
    queue(cast, 12, lane=Lane.BULK)

    claims = in_threads(app, lambda: services.delivering.claim(uuid4()), 6)
    assert len([claim for claim in claims if claim]) == 1


def test_a_pace_holds_although_many_ask_at_once(cast, app, services, mail_server, monkeypatch):
    monkeypatch.setattr("portal.services.claiming._CONNECTIONS", 1000)
    cast.active_config(cast.sue, **mail_server.typed("none"), per_minute="3")
    queue(cast, 12)

    claims = in_threads(app, lambda: services.delivering.claim(uuid4()), 6)
    assert len([claim for claim in claims if claim]) <= 3
    rest = iter(lambda: services.delivering.claim(uuid4()), None)
    assert len([claim for claim in claims if claim]) + len(list(rest)) == 3


def test_nobody_changes_the_way_between_a_fence_and_its_dot(cast, app, services, sending, mail_server):
    """A choice that is made while a mail asks whether it may go has to wait until it was answered."""
    queue(cast)
    claim = services.delivering.claim(uuid4())
    job = services.delivering.preparation.prepare(claim)
    passing, going_on = threading.Event(), threading.Event()
    real = services.delivering.fences.routing.still_go

    def slowly(*arguments):
        passing.set()
        going_on.wait(5)
        return real(*arguments)

    class Slow:
        still_go = staticmethod(slowly)

    object.__setattr__(services.delivering.fences, "routing", Slow())
    changed = threading.Event()

    def change():
        with app.app_context():
            with unit_of_work(SYSTEM):
                changed.set()
            db.session.remove()

    def fence():
        with app.app_context():
            services.delivering._pass_fence(job, claim.addresses)
            db.session.remove()

    first = threading.Thread(target=fence)
    first.start()
    assert passing.wait(5)
    second = threading.Thread(target=change)
    second.start()
    assert not changed.wait(0.3)
    going_on.set()
    assert changed.wait(5)
    first.join()
    second.join()
    assert job.past_fence == claim.addresses


def test_two_processes_share_the_work_and_one_that_ends_leaves_the_rest(cast, services, mail_server, sending, loops):
    first, second = loops(), loops()
    first.start()
    second.start()
    assert until(lambda: len(present()) == 2)
    queue(cast, 10)
    assert until(lambda: set(states(cast, services)) == {State.SENT})

    first.stop()
    queue(cast, 5)
    assert until(lambda: states(cast, services) == [State.SENT] * 15)
    assert len(mail_server.letters) == 15


def test_a_server_that_was_restarted_is_found_again(cast, services, sending, loops, postgres):
    loops().start()
    assert until(present)
    postgres.restart()
    assert until(somebody_is_there)
    time.sleep(0.1)
    queue(cast, 3)

    assert until(lambda: states(cast, services) == [State.SENT] * 3)


def somebody_is_there():
    try:
        return present()
    finally:
        db.session.remove()


def test_what_somebody_died_with_of_whom_nobody_had_heard_is_taken_up_within_five_seconds(
    cast, services, sending, loops, join
):
    other, _ = join()
    (message_id,) = queue(cast)
    services.delivering.claim(new_owner(other.key))
    with unit_of_work(SYSTEM) as session:
        message = outbox.get_row(session, message_id)
        owner, message.owner = message.owner, None
    loop = loops()
    loop.start()
    assert until(lambda: loop._seen.is_nothing)
    with unit_of_work(SYSTEM) as session:  # nobody is told
        outbox.get_row(session, message_id).owner = owner
    other.release()

    assert until(lambda: owner_of(message_id) is None, seconds=5)
