"""The loop finds work by itself, keeps a place for whoever waits, and hands over when its process ends."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from portal.domain.delivery import State
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.domain.work import Waiting
from portal.store import work
from portal.store.db import db
from portal.worker.duties import Duties
from portal.worker.lock import ProcessLock

HELLO = Outgoing("Hello", "A line.\n")
TO_CAL = (Mailbox("cal@demo.test"),)


def until(condition: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def states(cast, services):
    return [line.state for line in services.mail_log.page(cast.sue, cast.sue.tenant.id)]


def test_queued_mail_is_delivered_without_anybody_asking(cast, services, mail_server, loops):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    loops().start()
    for _ in range(5):
        services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)

    assert until(lambda: states(cast, services) == [State.SENT] * 5)
    assert len(mail_server.letters) == 5


def test_a_test_mail_does_not_wait_behind_a_slow_server(cast, services, loops, mail_server):
    class Stuck:
        """Every ordinary mail hangs until the test lets go."""

        def __init__(self):
            self.let_go = threading.Event()
            self.busy = 0

        def claim(self, owner, lanes):
            return None if Lane.INTERACTIVE in lanes else services.delivering.claim(owner, lanes)

        def deliver(self, claim, *, goes_on):
            self.busy += 1
            self.let_go.wait(20)

        def end(self):
            pass

        def rest(self):
            pass

        def wake(self):
            pass

        def recover(self, *living):
            pass

        def sweep(self):
            pass

    stuck = Stuck()
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    for _ in range(3):
        services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO, lane=Lane.BULK)
    loops(delivering=stuck).start()
    assert until(lambda: stuck.busy == 1)
    trial_id = services.trials.request_own(cast.sue)

    assert until(lambda: not services.trials.get_own(cast.sue, trial_id).is_running)
    assert stuck.busy == 1
    stuck.let_go.set()


def test_a_bug_in_one_piece_of_work_does_not_end_the_loop(cast, services, loops, mail_server, caplog):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    attempts = []

    class Buggy(type(services.trial_runs)):
        def perform(self, trial_id):
            attempts.append(trial_id)
            raise ZeroDivisionError

    buggy = Buggy(*(getattr(services.trial_runs, name) for name in services.trial_runs.__slots__))
    loops(trials=buggy).start()
    services.trials.request_own(cast.sue)
    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)

    assert until(lambda: states(cast, services) == [State.SENT])
    assert len(attempts) == 1
    assert "a piece of delivery work failed" in caplog.text


class Everything:
    """Says that there is mail in every lane, always."""

    def waiting(self):
        return Waiting(frozenset(Lane), trial=False, check=False)

    def close(self):
        pass


class Stumbling:
    """Fails the first `times` times that it is asked for `method`; otherwise does what the real one does."""

    def __init__(self, real, method, times):
        self._real, self._method, self.left = real, method, times

    def __getattr__(self, name):
        real = getattr(self._real, name)
        if name != self._method:
            return real

        def stumble(*arguments, **options):
            if self.left:
                self.left -= 1
                raise ZeroDivisionError
            return real(*arguments, **options)

        return stumble


@pytest.mark.parametrize("noun", ["trials", "delivering"])
def test_a_database_that_stumbles_costs_no_sender_its_place(cast, services, loops, mail_server, noun):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    real = {"trials": services.trial_runs, "delivering": services.delivering}[noun]
    stumbling = Stumbling(real, "claim", times=5)
    loops(**{noun: stumbling}).start()
    services.trials.request_own(cast.sue)
    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)

    assert until(lambda: states(cast, services) == [State.SENT])
    assert stumbling.left == 0


def test_what_an_earlier_run_left_is_taken_up_even_if_the_first_try_stumbles(cast, services, loops, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)
    services.delivering.claim(uuid4())
    loops(delivering=Stumbling(services.delivering, "recover", times=1)).start()

    assert until(lambda: states(cast, services) == [State.DEFERRED])


def test_only_one_process_delivers_and_the_next_takes_over(cast, services, loops, mail_server):
    if db.engine.dialect.name == "postgresql":
        pytest.skip("this is about SQLite: from PostgreSQL many deliver")
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    first, second = loops(), loops()
    first.start()
    assert until(lambda: first._post.is_held)
    second.start()
    time.sleep(0.3)
    assert not second._post.is_held

    first.stop()
    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)
    assert until(lambda: states(cast, services) == [State.SENT])


def test_a_lock_goes_to_whoever_waits_for_it_as_soon_as_its_holder_lets_go(tmp_path):
    first, second = ProcessLock(tmp_path / "lock"), ProcessLock(tmp_path / "lock")
    assert first.take(print)
    waiting = threading.Thread(target=second.take, args=(print,))
    waiting.start()
    waiting.join(0.2)
    assert (first.is_held, second.is_held) == (True, False)

    first.release()
    waiting.join(5)
    assert (first.is_held, second.is_held) == (False, True)
    second.release()


def test_whoever_no_longer_wants_a_lock_does_not_get_it(tmp_path):
    first, second, third = (ProcessLock(tmp_path / "lock") for _ in range(3))
    assert first.take(print)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(second.take(print)))
    waiting.start()
    second.release()
    first.release()
    waiting.join(5)

    assert (answers, second.is_held) == ([False], False)
    assert third.take(print)
    third.release()


def test_news_are_looked_at_at_once(cast, services, mail_server, loops, monkeypatch):
    monkeypatch.setattr("portal.worker.loop._LOOK_EVERY", 60)
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    loop = loops()
    loop.start()
    assert until(lambda: loop._post.is_held)
    time.sleep(0.2)  # it has looked once and found nothing
    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)
    assert until(lambda: states(cast, services) == [State.SENT])

    trial_id = services.trials.request_own(cast.sue)
    assert until(lambda: not services.trials.get_own(cast.sue, trial_id).is_running)


class Counting:
    """Looks as the real one does, and counts."""

    def __init__(self, real):
        self._real, self.number = real, 0

    def __getattr__(self, name):
        return getattr(self._real, name)

    def waiting(self):
        self.number += 1
        return self._real.waiting()


@pytest.fixture
def looking(services, loops, monkeypatch):
    """A loop that has looked and found nothing, and makes sure of that once a minute only."""
    monkeypatch.setattr("portal.worker.loop._REST", 60)
    counting = Counting(services.looks)
    loop = loops(looks=counting)
    loop.start()
    assert until(lambda: loop._post.is_held and counting.number)
    time.sleep(0.3)
    return counting


def test_whoever_takes_over_looks_for_what_was_left_before_anything_is_swept(services, loops, monkeypatch):
    done = []
    counting = Counting(services.looks)
    monkeypatch.setattr(Duties, "sweep", lambda _self: done.append(counting.number))
    monkeypatch.setattr(Duties, "forget", lambda _self: done.append(counting.number))
    loops(looks=counting).start()

    assert until(lambda: len(done) == 2)
    assert min(done) >= 1


def test_while_nothing_happens_nobody_looks(looking):
    before = looking.number
    time.sleep(2.5)

    assert looking.number == before


def test_what_another_process_writes_is_found_within_a_second_although_nobody_tells(
    cast, services, mail_server, looking
):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    somebody_else = threading.Event()
    if db.engine.dialect.name == "sqlite":
        work.listen(db.engine, somebody_else.set)
    services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)

    assert until(lambda: states(cast, services) == [State.SENT], 3)


def test_what_comes_due_by_itself_is_looked_for_then_and_not_at_the_next_look(services, loops, monkeypatch):
    monkeypatch.setattr("portal.worker.loop._REST", 60)
    monkeypatch.setattr("portal.worker.loop._LOOK_EVERY", 60)

    class Soon:
        """There will be something in a while, and again, and again."""

        def __init__(self):
            self.moments = []

        def waiting(self):
            self.moments.append(time.monotonic())
            return Waiting(frozenset(), trial=False, check=False, next_in=timedelta(seconds=0.4))

        def is_outdated(self):
            return False

        def close(self):
            pass

    soon = Soon()
    loops(looks=soon).start()
    assert until(lambda: len(soon.moments) >= 6)

    # News of what was written before it began may still reach it at first.
    waits = [after - before for before, after in pairwise(soon.moments[2:6])]
    assert all(0.39 < each < 2 for each in waits)


def test_the_clock_is_looked_at_before_each_look_for_mail(services, loops):
    """Else what came due by a leap alone could be taken before anybody knows of it."""
    seen = []

    class Times:
        def look(self):
            seen.append("clock")
            return timedelta(0)

        def is_due(self):
            return False

    class Looks:
        def waiting(self):
            seen.append("mail")
            return Waiting(frozenset(), trial=False, check=False, next_in=timedelta(seconds=0.01))

        def is_outdated(self):
            return False

        def close(self):
            pass

    loops(looks=Looks(), leaps=Times()).start()
    assert until(lambda: len(seen) >= 20)

    assert seen[:20] == ["clock", "mail"] * 10


def test_mail_to_many_leaves_a_sender_to_mail_to_one(cast, services, loops):
    class Stuck:
        """Hangs at mail to many until the test lets go."""

        def __init__(self):
            self.let_go = threading.Event()
            self.claimed = []

        def claim(self, owner, lanes):
            if lanes == (Lane.BULK,) or (lanes == (Lane.NORMAL,) and Lane.NORMAL not in self.claimed):
                self.claimed += lanes
                return object()
            return None

        def deliver(self, claim, *, goes_on):
            self.let_go.wait(20)

        def __getattr__(self, name):
            return lambda *_living, **_of: None

    stuck = Stuck()
    loops(delivering=stuck, looks=Everything(), senders=4).start()
    assert until(lambda: len(stuck.claimed) == 3)
    time.sleep(0.2)
    stuck.let_go.set()
    assert sorted(stuck.claimed[:3]) == [Lane.BULK, Lane.BULK, Lane.NORMAL]


def test_mail_to_many_is_looked_for_first_once_in_four_times_so_that_it_never_starves(services, loops):
    class Endless:
        """There is always one more mail to one."""

        def __init__(self):
            self.lanes = []

        def claim(self, owner, lanes):
            self.lanes += lanes
            return object() if lanes == (Lane.NORMAL,) else None

        def deliver(self, claim, *, goes_on):
            pass

        def __getattr__(self, name):
            return lambda *_living, **_of: None

    endless = Endless()
    loops(delivering=endless, looks=Everything()).start()
    assert until(lambda: endless.lanes.count(Lane.NORMAL) >= 40)
    asked = [lane for lane in endless.lanes if lane is not Lane.INTERACTIVE]

    assert asked.count(Lane.BULK) >= asked.count(Lane.NORMAL) // 4


def test_what_is_due_to_be_checked_is_checked_when_nobody_waits(cast, services, mail_server, loops):
    object.__setattr__(services.checks, "every", timedelta(days=1))
    config = cast.active_config(cast.sue, **mail_server.typed("tls"))
    loops().start()

    assert until(lambda: services.mail_configs.get(cast.sue, config.tenant_id, config.id).last_code == "ok")
    assert mail_server.letters == []


def test_while_the_database_is_busy_mail_waits_and_then_it_leaves(cast, mail_server, loops, somebody_writes, caplog):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)
    with somebody_writes():
        loops().start()
        assert until(lambda: "delivery waits for the database: busy" in caplog.text)
        assert mail_server.letters == []

    assert until(lambda: states(cast, cast.services) == [State.SENT])
    assert len(mail_server.letters) == 1
