"""While the operator holds the queue nothing of it is taken in hand, and everything else goes on."""

import pytest
from sqlalchemy import event

from portal.domain.config_rules import judged
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import NotFoundError
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.domain.queue import Carrier, QueueQuery, QueueStep, Span
from portal.domain.trial import Verb
from portal.settings import InstanceDefault
from portal.store import outbox
from portal.store.db import SYSTEM, db, reading, unit_of_work
from tests.cast import plant, typed_config
from tests.work import OWNER, deliver_all, run_trials

HELLO = Outgoing("Hello", "A line.\n")


@pytest.fixture
def relay(cast, mail_server):
    return cast.active_config(cast.sue, **mail_server.typed("none"))


@pytest.fixture
def send(cast, relay):
    def send(*names, **options):
        to = tuple(Mailbox(f"{name}@demo.test") for name in names or ("cal",))
        return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=HELLO, **options)[0]

    return send


def standing_of(message_id):
    with reading(SYSTEM) as session:
        return [(State(each.state), Code(each.code)) for each in outbox.recipients_of(session, message_id)]


def test_the_queue_is_read_from_either_end_page_by_page(cast, services, send, clock, monkeypatch):
    monkeypatch.setattr("portal.services.queued_mails.PAGE", 2)
    send("a", "b", "c")  # of the very same moment
    clock.forward(minutes=1)
    send("d")
    send("e", "f")

    def walk(*, is_reversed):
        after = None
        while found := services.queued_mails.page(cast.pia, QueueQuery(after=after, is_reversed=is_reversed)):
            yield from found[:2]
            after = found[:2][-1].mail.cursor

    oldest_first, newest_first = (list(walk(is_reversed=each)) for each in (False, True))
    assert {line.mail.recipient[0] for line in oldest_first[:3]} == set("abc")
    assert {line.mail.recipient[0] for line in oldest_first[3:]} == set("def")
    assert newest_first == oldest_first[::-1]


def test_a_held_queue_is_not_touched_and_goes_on_where_it_stood(cast, services, send, mail_server):
    before = send()
    services.queue.hold(cast.pia)
    later = send()
    deliver_all(services)
    assert mail_server.letters == []
    assert standing_of(before) == standing_of(later) == [(State.QUEUED, Code.OK)]

    services.queue.release(cast.pia)
    deliver_all(services)
    assert len(mail_server.letters) == 2


def test_what_is_in_hand_ends_as_ever_and_takes_nothing_behind_it_along(cast, services, send, mail_server):
    first, second = send(), send()
    claim = services.delivering.claim(OWNER)
    services.queue.hold(cast.pia)
    services.delivering.deliver(claim)

    assert len(mail_server.letters) == 1
    assert sorted(standing_of(first) + standing_of(second)) == [(State.QUEUED, Code.OK), (State.SENT, Code.OK)]


def test_tests_go_on_while_the_queue_is_held(cast, services, relay, mail_server):
    services.queue.hold(cast.pia)
    services.trials.request_saved(cast.sue, cast.sue.tenant.id, relay.id, verb=Verb.SEND, recipient="sue@demo.test")
    run_trials(services)

    assert len(mail_server.letters) == 1


def test_mail_whose_time_runs_out_while_the_queue_is_held_expires(cast, services, send, clock):
    mail = send()
    services.queue.hold(cast.pia)
    clock.forward(days=6)
    services.delivering.sweep()

    assert [state for state, _code in standing_of(mail)] == [State.EXPIRED]


def test_holding_and_releasing_are_noted_once_however_often_they_are_asked_for(cast, services):
    for _ in range(2):
        services.queue.hold(cast.pia)
    for _ in range(2):
        services.queue.release(cast.pia)
    services.queue.hold(None)

    entries = services.audit.page(cast.pia, cast.pia.tenant.id, before=None)
    told = [(entry.event, entry.actor_name) for entry in entries if entry.event.startswith("queue.")]
    assert told == [("queue.held", ""), ("queue.released", "Pia"), ("queue.held", "Pia")]


def test_the_claim_learns_of_the_hold_without_a_question_of_its_own(cast, services, send):
    def asked():
        statements = []
        listener = lambda *arguments: statements.append(arguments[2])  # noqa: E731 - a listener
        event.listen(db.engine, "before_cursor_execute", listener)
        assert services.delivering.claim(OWNER)
        event.remove(db.engine, "before_cursor_execute", listener)
        return statements

    send()
    alone = [each for each in asked() if "FROM queue_holds" in each and "FROM messages" not in each]
    assert alone == []


def test_nobody_but_the_operator_looks_or_acts(cast, services, send):
    mail = send()
    for person in (cast.rex, cast.sue, cast.cal, cast.otto):
        for refused in (
            services.queue.condition,
            services.queue.hold,
            services.queue.release,
            lambda who: services.queue.backlogs(who, most=10),
            lambda who: services.queue.deliveries(who, Span.DAY),
            lambda who: services.queued_mails.page(who, QueueQuery()),
            lambda who: services.queued_mails.take(who, mail, QueueStep.HOLD),
        ):
            with pytest.raises(NotFoundError):
                refused(person)
    assert standing_of(mail) == [(State.QUEUED, Code.OK)]


def test_a_mail_that_is_held_by_itself_stays_held_whatever_else_is_let_go(cast, services, send, relay):
    mail = send()
    services.queued_mails.take(cast.pia, mail, QueueStep.HOLD)
    services.queue.hold(cast.pia)
    services.queue.release(cast.pia)
    services.delivering.wake()
    services.mail_configs.select(cast.sue, cast.sue.tenant.id, relay.id)

    assert standing_of(mail) == [(State.HELD, Code.HELD_BACK)]


def test_what_is_uncertain_and_held_still_says_that_it_may_have_arrived(cast, services, send):
    mail = send()
    with unit_of_work(SYSTEM) as session:
        for each in outbox.recipients_of(session, mail):
            each.state, each.code = State.UNCERTAIN.value, Code.UNKNOWN.value
    services.queued_mails.take(cast.pia, mail, QueueStep.HOLD)

    assert standing_of(mail) == [(State.HELD, Code.UNKNOWN)]


def test_one_release_lets_go_of_a_restored_database_too(cast, services, send):
    mail = send()
    services.queue.hold(cast.pia)
    services.rollback.hold()
    before = services.queue.release(cast.pia)

    assert (before.hold.held_by, before.restored.recipients) == ("Pia", 1)
    assert standing_of(mail) == [(State.QUEUED, Code.RESTORED)]


def test_what_waits_for_the_instance_default_is_told_from_what_nobody_decided_yet(make_portal, mail_server):
    closed = {**mail_server.typed("none"), "port": str(mail_server.closed_port), "name": "Deployment"}
    app = make_portal(instance_default=InstanceDefault(judged(typed_config(**closed)), None))
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        to = (Mailbox("cal@demo.test"),)
        for is_tried in (True, False):
            cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=HELLO)
            if is_tried:
                deliver_all(cast.services)
        found = cast.services.queue.backlogs(cast.pia, most=10)

        assert {(each.carrier, each.recipients, each.last_code) for each in found} == {
            (Carrier.INSTANCE_DEFAULT, 1, Code.REFUSED),
            (Carrier.UNDECIDED, 1, None),
        }
        assert len(cast.services.queue.backlogs(cast.pia, most=0)) == 1


def test_every_attempt_is_counted_in_its_own_hour(cast, services, send, clock, mail_server):
    send()
    deliver_all(services)
    clock.forward(hours=1)
    send(lane=Lane.BULK)
    deliver_all(services)
    clock.forward(hours=22)
    tallies = services.queue.deliveries(cast.pia, Span.DAY)
    assert [(each.since.hour, each.delivered) for each in tallies if each.total] == [(9, 1), (10, 1)]
    assert len(tallies) == 24
    clock.forward(hours=1)
    assert [each.since.hour for each in services.queue.deliveries(cast.pia, Span.DAY) if each.total] == [10]

    days = services.queue.deliveries(cast.pia, Span.FORTNIGHT)
    assert [(each.since.date().isoformat(), each.delivered) for each in days if each.total] == [("2026-03-02", 2)]
    assert len(days) == 14


def test_what_is_refused_for_good_and_what_is_put_off_are_told_apart(cast, services, send, mail_server):
    cast.active_config(cast.sue, name="Closed", host="127.0.0.1", port=str(mail_server.closed_port), encryption="none")
    send()
    deliver_all(services)

    assert [(each.failed, each.put_off) for each in services.queue.deliveries(cast.pia, Span.DAY) if each.total] == [
        (0, 1)
    ]
    assert [each.carrier for each in services.queue.backlogs(cast.pia, most=10)] == [Carrier.CONFIG]
