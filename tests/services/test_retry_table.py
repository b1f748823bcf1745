"""What a server answers, row by row, and what becomes of the mail, its next try and its configuration."""

from datetime import timedelta

import pytest

from portal.domain.delivery import ORDINARY, Circumstances, State, judge, spread
from portal.domain.diagnosis import Code
from portal.domain.health import Health
from portal.domain.ids import MessageId
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.pace import Pace
from portal.domain.signals import Signal, signal_of
from portal.services.outbox import PATIENCE
from portal.store import mail_configs, outbox
from portal.store.db import SYSTEM, reading
from tests.scripted_smtp import ScriptedServer, ThenClose
from tests.work import OWNER, deliver_all

GROUPS = ("PIPELINING", "SIZE 10000000", "8BITMIME")


def minutes(*numbers):
    return [timedelta(minutes=number) for number in numbers]


BASE = minutes(1, 5, 15, 30, 60, 120, 240, 240)
AT_ONCE = minutes(1) * 8
SPLIT = Circumstances(was_split=True)
PAUSED = Circumstances(is_paused=True)

# The name of a row: outcome, the server's words, circumstances, state, waits of the first eight attempts, what it says
# of the server.
TABLE = {
    "refused": (Code.REFUSED, "", ORDINARY, State.DEFERRED, AT_ONCE, Signal.UNREACHED),
    "unreachable": (Code.TIMEOUT, "", ORDINARY, State.DEFERRED, AT_ONCE, Signal.UNREACHED),
    "no name for now": (Code.NAME, "", ORDINARY, State.DEFERRED, AT_ONCE, Signal.UNREACHED),
    "no greeting": (Code.SILENT, "", ORDINARY, State.DEFERRED, AT_ONCE, Signal.UNREACHED),
    "handshake cut": (Code.TLS_FAILED, "", ORDINARY, State.DEFERRED, AT_ONCE, Signal.UNREACHED),
    "421": (Code.BUSY, "421 4.3.2 closing", ORDINARY, State.DEFERRED, AT_ONCE, Signal.UNREACHED),
    "554 banner": (Code.SERVER_REFUSED, "554 no service", ORDINARY, State.DEFERRED, minutes(15) * 8, Signal.NONE),
    "450 at a recipient": (
        Code.RECIPIENT_TEMPORARY,
        "450 4.2.0 later",
        ORDINARY,
        State.DEFERRED,
        minutes(5, 10, 20, 40, 60, 120, 240, 240),
        Signal.NONE,
    ),
    "greylisted in words of policy": (
        Code.RECIPIENT_TEMPORARY,
        "451 4.7.1 Greylisting in action",
        ORDINARY,
        State.DEFERRED,
        minutes(5, 10, 20, 40, 60, 120, 240, 240),
        Signal.NONE,
    ),
    "452 at a recipient beside accepted ones": (
        Code.RECIPIENT_TEMPORARY,
        "452 4.5.3 Too many recipients",
        SPLIT,
        State.QUEUED,
        [None] * 8,
        Signal.TOO_MANY,
    ),
    "552 at a recipient beside accepted ones": (
        Code.RECIPIENT_TEMPORARY,
        "552 too many",
        SPLIT,
        State.QUEUED,
        [None] * 8,
        Signal.TOO_MANY,
    ),
    "452 at every recipient": (
        Code.RECIPIENT_TEMPORARY,
        "452 4.2.2 full",
        ORDINARY,
        State.DEFERRED,
        minutes(30) * 8,
        Signal.TOO_MANY,
    ),
    "452 for the mail": (
        Code.BUSY,
        "452 4.3.1 no room",
        ORDINARY,
        State.DEFERRED,
        minutes(15, 30, 60, 120, 240, 240, 240, 240),
        Signal.FULL,
    ),
    "4.3.1 for the mail": (
        Code.BUSY,
        "451 4.3.1 system full",
        ORDINARY,
        State.DEFERRED,
        minutes(15, 30, 60, 120, 240, 240, 240, 240),
        Signal.FULL,
    ),
    "another 4xx for the mail": (Code.BUSY, "451 4.3.0 trouble", ORDINARY, State.DEFERRED, BASE, Signal.NONE),
    "454 or 432 at the sign-in": (
        Code.AUTH_TEMPORARY,
        "454 4.7.0 later",
        ORDINARY,
        State.DEFERRED,
        minutes(10) * 8,
        Signal.NONE,
    ),
    "535, 534, 538": (
        Code.AUTH_REJECTED,
        "535 5.7.8 no",
        ORDINARY,
        State.DEFERRED,
        minutes(15) * 8,
        Signal.MISCONFIGURED,
    ),
    "530 that asks to encrypt": (
        Code.SERVER_REFUSED,
        "530 5.7.0 Must issue a STARTTLS command first",
        ORDINARY,
        State.DEFERRED,
        minutes(15) * 8,
        Signal.MISCONFIGURED,
    ),
    "5xx at the sender": (
        Code.SENDER_REJECTED,
        "550 5.7.1 not you",
        ORDINARY,
        State.FAILED,
        [None] * 8,
        Signal.NONE,
    ),
    "5xx at the sender while paused": (
        Code.SENDER_REJECTED,
        "550 5.7.1 not you",
        PAUSED,
        State.DEFERRED,
        minutes(15) * 8,
        Signal.NONE,
    ),
    "5xx at a recipient": (Code.RECIPIENT_REJECTED, "550 5.1.1", ORDINARY, State.FAILED, [None] * 8, Signal.NONE),
    "5xx at the dot": (Code.CONTENT_REJECTED, "554 5.7.1", ORDINARY, State.FAILED, [None] * 8, Signal.NONE),
    "4.7.x": (Code.BUSY, "451 4.7.28 unusual", ORDINARY, State.DEFERRED, AT_ONCE, Signal.SLOWER),
    "421 with words about rate": (
        Code.BUSY,
        "421 Too many messages, slow down",
        ORDINARY,
        State.DEFERRED,
        AT_ONCE,
        Signal.SLOWER,
    ),
    "450 at a recipient with words about rate": (
        Code.RECIPIENT_TEMPORARY,
        "450 4.2.1 receiving mail at a rate that prevents more",
        ORDINARY,
        State.DEFERRED,
        minutes(5) * 8,
        Signal.SLOWER,
    ),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_the_retry_table_is_kept(row):
    code, reply, circumstances, state, waits, signal = row
    attempts, seen = 1, []
    for _ in range(8):
        verdict = judge(code, attempts=attempts, reply=reply, circumstances=circumstances)
        seen.append(verdict.wait_for)
        attempts += verdict.costs_attempt
        assert verdict.state is state

    assert seen == waits
    assert signal_of(code, reply) is signal


def test_a_mail_is_given_up_after_five_days_and_the_longest_wait_is_spread_by_a_fifth():
    assert timedelta(days=5) == PATIENCE
    four_hours = timedelta(hours=4)
    assert [spread(four_hours, lot) / four_hours for lot in (0, 0.5, 1)] == pytest.approx([0.8, 1, 1.2])
    assert spread(timedelta(hours=2), 1) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("code", "signal", "sessions", "wait"),
    [
        (Code.REFUSED, Signal.UNREACHED, 5, timedelta(seconds=30)),
        (Code.BUSY, Signal.UNREACHED, 5, timedelta(seconds=30)),
        (Code.SERVER_REFUSED, Signal.NONE, 5, timedelta(seconds=30)),
        (Code.SERVER_REFUSED, Signal.MISCONFIGURED, 1, timedelta(minutes=15)),
        (Code.AUTH_REJECTED, Signal.MISCONFIGURED, 1, timedelta(minutes=15)),
        (Code.SENDER_REJECTED, Signal.NONE, 3, timedelta(minutes=15)),
        (Code.BUSY, Signal.FULL, None, None),
        (Code.BUSY, Signal.SLOWER, None, None),
        (Code.AUTH_TEMPORARY, Signal.NONE, None, None),
        (Code.CONTENT_REJECTED, Signal.NONE, None, None),
    ],
)
def test_a_configuration_is_paused_after_so_many_sessions_in_a_row(clock, code, signal, sessions, wait):
    health, paused_after = Health(), None
    for number in range(1, 9):
        health, _ = health.after(code, clock(), {signal})
        if health.paused_until is not None:
            paused_after = number
            break

    assert paused_after == sessions
    assert (health.paused_until and health.paused_until - clock()) == wait


@pytest.fixture
def peer():
    with ScriptedServer(extensions=GROUPS) as peer:
        yield peer


@pytest.fixture
def app(make_portal, peer, mail_server):
    portal = make_portal(egress_ports=frozenset({peer.port, *mail_server.ports}))
    with portal.app_context():
        yield portal


@pytest.fixture
def config(cast, peer):
    return cast.active_config(cast.sue, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False)


def send(cast, *names, subject="Hello"):
    to = tuple(Mailbox(f"{name}@demo.test") for name in names or ("cal",))
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=Outgoing(subject, "A line.\n"))[0]


def recipients(message_id):
    with reading(SYSTEM) as session:
        rows = outbox.recipients_of(session, MessageId(message_id))
        return [(State(row.state), row.attempts, row.next_at) for row in rows]


def states(message_id):
    return [state for state, _, _ in recipients(message_id)]


def health_of(config):
    with reading(SYSTEM) as session:
        return mail_configs.health_of(mail_configs.find_by_id(session, config.id))


def slowed_to(cast, config):
    return cast.services.mail_configs.get(cast.sue, cast.sue.tenant.id, config.id).slowed_to


@pytest.mark.parametrize("refusal", [b"452 4.5.3 Too many recipients\r\n", b"552 Too many recipients\r\n"])
def test_recipients_beyond_what_a_server_takes_follow_at_once_in_a_mail_of_their_own(cast, peer, config, refusal):
    fine = b"250 fine\r\n"
    peer.script["rcpt"] = [fine, fine, refusal, refusal, refusal, fine, fine, refusal, fine]
    message_id = send(cast, "a", "b", "c", "d", "e")
    deliver_all(cast.services)

    assert states(message_id) == [State.SENT] * 5
    assert [attempts for _, attempts, _ in recipients(message_id)] == [1] * 5
    assert len(peer.messages) == 3
    assert len(set(peer.messages)) == 1


def test_a_full_mailbox_among_others_waits_half_an_hour(cast, peer, config, clock):
    full = b"452 4.2.2 The mailbox is full\r\n"
    peer.script["rcpt"] = [b"250 fine\r\n", full, full]
    message_id = send(cast, "a", "b")
    deliver_all(cast.services)

    assert states(message_id) == [State.SENT, State.DEFERRED]
    assert recipients(message_id)[1][2] == clock() + timedelta(minutes=30)
    assert len(peer.messages) == 1


def test_three_refused_senders_pause_the_configuration_and_its_people_are_told(cast, mail_server, peer, config, clock):
    services = cast.services
    cast.active_config(cast.rex, from_address="rex@rex.example", **mail_server.typed("none"))
    peer.script["mail"] = b"550 5.7.1 You may not send as this\r\n"
    messages = [send(cast, subject=f"Mail {number}") for number in range(5)]
    deliver_all(services)

    assert [states(each) for each in messages] == [[State.FAILED]] * 3 + [[State.DEFERRED]] * 2
    assert health_of(config).next_try(clock()) == clock() + timedelta(minutes=15)
    deliver_all(services)
    assert [letter.recipients for letter in mail_server.letters] == [("sue@demo.test",)]
    assert "refused the sender of several mails in a row" in mail_server.letters[0].text
    assert peer.verbs().count("MAIL") == 3

    clock.forward(minutes=15)
    deliver_all(services)
    assert peer.verbs().count("MAIL") == 4
    assert [states(each) for each in messages[3:]] == [[State.DEFERRED]] * 2

    peer.script.clear()
    clock.forward(minutes=15)
    for _ in range(3):
        deliver_all(services)
    assert [states(each) for each in messages[3:]] == [[State.SENT]] * 2


def test_a_mail_whose_server_was_away_is_as_young_as_before(cast, services, peer, config, clock):
    peer.script["banner"] = ThenClose(b"421 4.3.2 Not now\r\n")
    message_id = send(cast)
    for _ in range(4):
        deliver_all(services)
        clock.forward(minutes=1)

    assert recipients(message_id) == [(State.DEFERRED, 0, clock())]
    assert health_of(config).failures == 4
    deliver_all(services)
    assert health_of(config).paused_until is not None


def test_a_server_that_asks_for_less_gets_half_and_then_a_little_more_with_each_success(
    cast, services, peer, config, clock
):
    messages = [send(cast, subject=f"Mail {number}") for number in range(40)]
    peer.script["dot"] = [b"250 fine\r\n"] * 19 + [b"451 4.7.28 Too many messages from you\r\n", b"250 fine\r\n"]
    deliver_all(services)
    assert len(peer.messages) == 20
    assert slowed_to(cast, config) == 10
    assert sum(states(each) == [State.SENT] for each in messages) == 19

    clock.forward(seconds=59)
    deliver_all(services)
    assert len(peer.messages) == 20
    clock.forward(seconds=1)
    for _ in range(7):
        services.delivering.deliver(services.delivering.claim(OWNER), goes_on=lambda: False)
    assert slowed_to(cast, config) == 19
    deliver_all(services)
    assert slowed_to(cast, config) is None
    assert {state for each in messages for state in states(each)} == {State.SENT}


def test_speed_is_halved_once_for_a_request_and_grows_by_a_tenth(clock):
    slowed = Pace().slowed(lately=20, limit=0, now=clock())
    assert slowed.slowed(lately=20, limit=0, now=clock()) == slowed
    assert [slowed.limit(0), slowed.limit(4), Pace().limit(4), Pace().limit(0)] == [10, 4, 4, 0]
    assert slowed.after_success().slowed_to == pytest.approx(11)
    clock.forward(minutes=1)
    again = slowed.slowed(lately=10, limit=0, now=clock())
    assert (again.slowed_to, again.full) == (5, 20)
    for _ in range(14):
        again = again.after_success()
    assert again.limit(0) == 18
    assert again.after_success().after_success() == Pace()


def test_a_throttled_configuration_never_gets_slower_than_a_mail_a_minute(cast, services, peer, config, clock):
    peer.script["mail"] = b"450 4.7.1 Rate limit exceeded\r\n"
    message_id = send(cast)
    send(cast)
    for _ in range(6):
        deliver_all(services)
        clock.forward(minutes=1)
        assert slowed_to(cast, config) == 1

    assert recipients(message_id)[0][:2] == (State.DEFERRED, 0)
    assert health_of(config).failures == 0


def test_a_fixed_limit_stays_the_upper_one(cast, services, peer, clock):
    config = cast.active_config(
        cast.sue, host="127.0.0.1", port=str(peer.port), encryption="none", signs_in=False, per_minute="4"
    )
    for number in range(30):
        send(cast, subject=f"Mail {number}")
    peer.script["dot"] = [b"250 fine\r\n"] * 3 + [b"421 4.4.5 Too many messages\r\n", b"250 fine\r\n"]
    deliver_all(services)
    assert slowed_to(cast, config) == 2

    taken = []
    for _ in range(6):
        before = len(peer.messages)
        clock.forward(minutes=1)
        deliver_all(services)
        taken.append(len(peer.messages) - before)
    assert taken == [2, 2, 3, 4, 4, 4]
