"""The clock is turned, forward and back: mail comes due by the time that passed, neither early nor a day late."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.delivery import LONGEST_WAIT, State
from portal.domain.health import Health
from portal.domain.ids import MessageId
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.services.leaps import Leaps
from portal.store import mail_configs, outbox
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.cast import plant
from tests.scripted_smtp import ScriptedServer
from tests.work import deliver_all

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EVERY = timedelta(hours=24)


class Steady:
    """The clock that is never turned; time passes on both, a turn moves the other alone."""

    def __init__(self, clock):
        self.clock, self.seconds = clock, 1000.0

    def __call__(self):
        return self.seconds

    def passes(self, duration):
        self.seconds += duration.total_seconds()
        self.clock.now += duration

    def turned(self, duration):
        self.clock.now += duration


@pytest.fixture
def steady(clock):
    return Steady(clock)


@pytest.fixture
def leaps(app, clock, steady):
    leaps = Leaps(clock, steady, EVERY)
    leaps.look()
    return leaps


def send(cast, number=1):
    return [
        cast.services.sending.send(
            tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hello", "A line.\n")
        )[0]
        for _ in range(number)
    ]


def due_in(messages, duration, state=State.DEFERRED):
    """As after an attempt: each is due after this time."""
    with unit_of_work(SYSTEM) as session:
        for message_id in messages:
            message = outbox.get_row(session, message_id)
            everyone = outbox.recipients_of(session, message_id)
            for recipient in everyone:
                recipient.state, recipient.next_at = state.value, message.created_at + duration
            outbox.reckon(message, everyone)


def next_at(message_id):
    with reading(SYSTEM) as session:
        message = outbox.get_row(session, MessageId(message_id))
        (recipient,) = outbox.recipients_of(session, MessageId(message_id))
        assert message.due_at in {recipient.next_at, None}
        return recipient.next_at


@pytest.mark.parametrize("turned", [6 * MINUTE, HOUR, DAY, 365 * DAY])
def test_what_came_due_by_a_leap_forward_alone_leaves_over_ten_minutes(cast, clock, steady, leaps, turned):
    messages = send(cast, 40)
    due_in(messages, 5 * MINUTE)
    later = send(cast)
    due_in(later, turned + 4 * HOUR)
    steady.passes(MINUTE)
    leaps.look()
    steady.turned(turned)

    assert leaps.look() == turned
    waits = sorted(next_at(each) - clock() for each in messages)
    assert timedelta(0) < waits[0] < waits[-1] <= 10 * MINUTE
    assert waits[-1] - waits[0] > 5 * MINUTE
    assert next_at(later[0]) - clock() == 4 * HOUR - MINUTE


def test_what_was_due_before_a_leap_and_what_is_queued_after_it_wait_for_nothing(cast, clock, steady, leaps):
    before = send(cast)
    steady.passes(MINUTE)
    leaps.look()
    steady.turned(DAY)
    after = send(cast)
    leaps.look()

    assert next_at(before[0]) <= clock()
    assert next_at(after[0]) <= clock()


@pytest.mark.parametrize("turned", [2 * MINUTE, HOUR, DAY, 365 * DAY])
@pytest.mark.parametrize("state", [State.DEFERRED, State.UNCERTAIN])
def test_after_a_leap_back_mail_comes_due_by_the_time_that_passed(cast, steady, leaps, turned, state):
    clock = steady.clock
    messages = send(cast)
    due_in(messages, HOUR, state)
    steady.passes(20 * MINUTE)
    leaps.look()
    steady.turned(-turned)

    assert leaps.look() == -turned
    assert next_at(messages[0]) - clock() == 40 * MINUTE
    steady.passes(40 * MINUTE)
    assert leaps.look() == timedelta(0)
    assert next_at(messages[0]) == clock()


def test_what_was_due_when_the_clock_was_turned_back_stays_due(cast, mail_server, clock, steady, leaps):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    messages = send(cast)
    steady.passes(MINUTE)
    leaps.look()
    steady.turned(-DAY)
    leaps.look()
    deliver_all(cast.services)

    assert next_at(messages[0]) <= clock()
    assert len(mail_server.letters) == 1


def test_of_two_processes_on_a_machine_one_moves_what_waits(cast, clock, steady, leaps):
    other = Leaps(clock, steady, EVERY)
    other.look()
    messages = send(cast)
    due_in(messages, 3 * HOUR)
    leaps.look()
    other.look()
    steady.turned(-HOUR)

    assert [leaps.look(), other.look()] == [-HOUR, timedelta(0)]
    assert next_at(messages[0]) - clock() == 3 * HOUR


@pytest.mark.parametrize("turned", [4 * MINUTE, -MINUTE, timedelta(0)])
def test_small_corrections_change_nothing(cast, steady, leaps, turned):
    messages = send(cast)
    due_in(messages, 2 * MINUTE)
    before = next_at(messages[0])
    steady.turned(turned)

    assert leaps.look() == timedelta(0)
    assert next_at(messages[0]) == before


def test_a_process_that_starts_after_the_leap_lets_no_mail_wait_longer_than_any_wait(cast, clock, app):
    messages = send(cast)
    due_in(messages, DAY)
    Leaps(clock, lambda: 0.0, EVERY).look()

    assert next_at(messages[0]) - clock() == LONGEST_WAIT


def test_a_leap_that_the_database_did_not_take_is_met_at_the_next_look(cast, clock, steady, leaps, monkeypatch):
    messages = send(cast)
    due_in(messages, HOUR)
    steady.turned(-DAY)
    with monkeypatch.context() as patch:
        patch.setattr(Leaps, "_move", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            leaps.look()
    clock.forward(minutes=1)
    steady.seconds += 60

    assert leaps.look() == -DAY
    assert next_at(messages[0]) - clock() == 59 * MINUTE


def test_a_pause_and_a_check_are_not_a_day_late_after_a_leap_back(cast, clock, steady, leaps):
    config = cast.config(cast.sue)
    with unit_of_work(SYSTEM) as session:
        mail_configs.find_by_id(session, config.id).check_at = clock() + EVERY
    steady.turned(-DAY)
    leaps.look()
    with reading(SYSTEM) as session:
        assert mail_configs.find_by_id(session, config.id).check_at == clock() + EVERY

    assert Health(failures=5, paused_until=clock() + DAY).next_try(clock()) is None
    assert Health(failures=5, paused_until=clock() + MINUTE).next_try(clock()) == clock() + MINUTE


def test_neither_pace_nor_turn_holds_a_company_up_after_a_leap_back(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("none"), per_minute="1")
    send(cast)
    deliver_all(services)
    message = send(cast)[0]
    with unit_of_work(SYSTEM) as session:
        services.delivering.claiming.turns.pass_over(outbox.get_row(session, message))
    clock.forward(days=-1)
    with unit_of_work(SYSTEM) as session:
        outbox.recipients_of(session, message)[0].next_at = clock()
        outbox.get_row(session, message).due_at = clock()
    deliver_all(services)

    assert len(mail_server.letters) == 2


@pytest.mark.parametrize("leap", [6 * MINUTE, -2 * MINUTE])
def test_that_the_clock_was_turned_is_seen_without_a_look_and_until_there_was_one(steady, leaps, leap):
    steady.passes(HOUR)
    assert not leaps.is_due()
    steady.turned(leap)
    assert leaps.is_due()
    assert leaps.is_due()

    leaps.look()
    assert not leaps.is_due()


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
        datetime(2038, 1, 19, 3, 13, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
    ],
)
def test_summer_time_leap_days_and_2038_are_minutes_like_any_other(make_portal, clock, mail_server, at):
    clock.now = at
    with ScriptedServer(script={"rcpt": [b"450 4.2.0 later\r\n", b"250 fine\r\n"]}) as peer:
        app = make_portal(egress_ports=frozenset({peer.port}))
        with app.app_context():
            cast = plant(app.extensions["portal.services"])
            cast.active_config(cast.sue, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)
            message_id = cast.services.sending.send(
                tenant_id=cast.sue.tenant.id,
                to=(Mailbox("cal@demo.test"),),
                content=Outgoing("Hello", "A line.\n"),
                lane=Lane.INTERACTIVE,
            )[0]
            deliver_all(cast.services)
            assert next_at(message_id) == at + 5 * MINUTE
            clock.forward(minutes=4, seconds=59)
            deliver_all(cast.services)
            assert peer.messages == []
            clock.forward(seconds=1)
            deliver_all(cast.services)
            assert len(peer.messages) == 1
            cast.services.delivering.rest()
