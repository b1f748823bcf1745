"""What may have arrived already is never repeated silently, whatever else happens meanwhile."""

from uuid import uuid4

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Step
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.mail.exchange import WireError
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from portal.store.journal import Answer
from tests.counting import counting
from tests.work import OWNER, deliver_all

HELLO = Outgoing("Hello", "A line.\n")
CAL, OTTO = "cal@demo.test", "otto@demo.test"


@pytest.fixture
def config(cast, mail_server):
    return cast.active_config(cast.sue, **mail_server.typed("tls"))


def left_uncertain(cast, *, lane=Lane.NORMAL, to=(CAL,), accepted=(CAL,)):
    """A mail whose sender died between the fence and the answer; the bytes that passed."""
    own = cast.sue.tenant.id
    people = tuple(Mailbox(each) for each in to)
    message_id = cast.services.sending.send(tenant_id=own, to=people, content=HELLO, lane=lane)[0]
    return message_id, die_past_the_fence(cast, accepted)


def die_past_the_fence(cast, accepted=(CAL,)):
    delivering, dead = cast.services.delivering, uuid4()
    job = delivering.preparation.prepare(delivering.claim(dead))
    delivering._pass_fence(job, accepted)
    delivering.recover(OWNER)
    return job.written.content


def states(cast, message_id):
    return [line.state for line in cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines]


def sweep_later(services, clock, minutes=16):
    clock.forward(minutes=minutes)
    services.delivering.sweep()
    deliver_all(services)


def test_choosing_again_and_again_does_not_wear_the_flag_off(cast, services, mail_server, clock, config):
    message_id, _ = left_uncertain(cast)
    for name in ("Second", "Third"):
        cast.active_config(cast.sue, name=name, **mail_server.typed("starttls"))
        sweep_later(services, clock)
        assert (states(cast, message_id), mail_server.letters) == ([State.HELD], [])

    services.mail_configs.select(cast.sue, cast.sue.tenant.id, config.id)
    deliver_all(services)
    assert states(cast, message_id) == [State.SENT]


@pytest.mark.usefixtures("config")
def test_a_repeat_that_could_not_connect_is_still_a_repeat(cast, services, mail_server, clock):
    message_id, content = left_uncertain(cast)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(services.delivering.transmission.egress), "connect", refuse)
        sweep_later(services, clock)
    assert states(cast, message_id) == [State.DEFERRED]

    sweep_later(services, clock, minutes=60)
    assert (states(cast, message_id), mail_server.letters[0].raw) == ([State.SENT], content)


def refuse(*_arguments, **_options):
    raise WireError(Code.REFUSED, Step.CONNECT)


def test_bulk_mail_of_uncertain_fate_is_sent_at_most_once(cast, services, mail_server, clock, config):
    message_id, _ = left_uncertain(cast, lane=Lane.BULK)
    services.mail_configs.select(cast.sue, cast.sue.tenant.id, None)
    services.mail_configs.select(cast.sue, cast.sue.tenant.id, config.id)
    sweep_later(services, clock)

    assert (states(cast, message_id), mail_server.letters) == ([State.HELD], [])


def test_a_mail_that_stays_uncertain_is_not_repeated_without_end(cast, services, mail_server, clock, config):
    message_id, _ = left_uncertain(cast)
    for _ in range(2):
        clock.forward(minutes=16)
        services.delivering.sweep()
        die_past_the_fence(cast)
    sweep_later(services, clock)

    assert (states(cast, message_id), mail_server.letters) == ([State.HELD], [])


def test_what_was_uncertain_when_its_time_ran_out_is_not_sent_again_by_itself_and_is_gone_a_week_later(
    cast, services, mail_server, clock, config
):
    message_id, _ = left_uncertain(cast)
    sweep_later(services, clock, minutes=6 * 24 * 60)

    assert (states(cast, message_id), mail_server.letters) == ([State.EXPIRED], [])
    clock.forward(days=8)
    services.forgetting.sweep()
    with reading(SYSTEM) as session:
        row = outbox.get_row(session, message_id)
        assert (row.content, row.sealed_bytes) == (None, None)


def test_of_a_mail_for_two_only_the_uncertain_one_is_repeated(cast, services, mail_server, clock, config):
    message_id, content = left_uncertain(cast, to=(CAL, OTTO))
    clock.forward(minutes=1)
    deliver_all(services)
    assert states(cast, message_id) == [State.UNCERTAIN, State.SENT]
    assert mail_server.letters[0].recipients == (OTTO,)

    sweep_later(services, clock)
    assert states(cast, message_id) == [State.SENT, State.SENT]
    assert [(letter.recipients, letter.raw) for letter in mail_server.letters] == [
        ((OTTO,), content),
        ((CAL,), content),
    ]


def write_down(services, message_id, code):
    """An answer in the journal of this machine."""
    with reading(SYSTEM) as session:
        (attempt,) = outbox.attempts_of(session, message_id)
        queued_at = outbox.get_row(session, message_id).created_at
    answer = Answer(attempt.id, message_id, queued_at, code, "said before the power went")
    services.delivering.settlement.journal.write(answer, services.clock())


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("lane", [Lane.NORMAL, Lane.BULK])
@pytest.mark.parametrize(("code", "state"), [(Code.OK, State.SENT), (Code.BUSY, State.QUEUED)])
def test_a_machine_that_comes_back_settles_what_others_could_only_call_uncertain(cast, services, lane, code, state):
    """Somebody else took up its mail meanwhile, and cannot read the journal of a machine that is away."""
    message_id, _ = left_uncertain(cast, lane=lane)
    write_down(services, message_id, code)
    services.delivering.wake()

    (line,) = cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines
    assert (line.state, line.code) == (state, code)


@pytest.mark.usefixtures("config")
def test_however_many_mails_its_journal_knows_the_database_is_asked_the_same(cast, services):
    asked = []
    for count in (2, 7):
        messages = [left_uncertain(cast)[0] for _ in range(count)]
        for each in messages:
            write_down(services, each, Code.OK)
        with counting() as statements:
            services.delivering.wake()
        asked.append(len(statements))
        assert [states(cast, each) for each in messages] == [[State.SENT]] * count

    assert asked[0] == asked[1]


@pytest.mark.usefixtures("config")
def test_a_start_without_news_leaves_what_is_uncertain_alone(cast, services):
    message_id, _ = left_uncertain(cast)
    services.delivering.wake()

    assert states(cast, message_id) == [State.UNCERTAIN]
