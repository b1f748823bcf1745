"""Whatever breaks, and wherever: nothing is lost, nothing is sent twice in silence, and an answer once heard stands."""

from contextlib import suppress
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from portal.domain.delivery import DUE, State
from portal.domain.diagnosis import Code
from portal.domain.errors import PortalError
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.services.answers import Answers
from portal.services.delivering import Delivering
from portal.store import outbox
from portal.store.db import SYSTEM, db, reading
from portal.store.journal import Journal
from tests.cast import plant
from tests.work import OWNER, deliver_all

HELLO = Outgoing("Hello", "A line.\n")
TO_CAL = (Mailbox("cal@demo.test"),)


class Killed(BaseException):
    """Ends the process at this point, as far as a test in the same process can."""


@pytest.fixture
def queued(cast, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"))
    return cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=HELLO)[0]


def line_of(message_id):
    with reading(SYSTEM) as session:
        (recipient,) = outbox.recipients_of(session, message_id)
        (attempt,) = outbox.attempts_of(session, message_id)
        return State(recipient.state), Code(recipient.code), recipient.reply, Code(attempt.code), attempt.finished_at


def raising(error):
    def stand_in(*_arguments, **_options):
        raise error

    return stand_in


def test_an_answer_that_the_database_did_not_take_is_found_in_the_journal(services, queued, mail_server, monkeypatch):
    monkeypatch.setattr(Delivering, "_conclude", raising(Killed))
    with pytest.raises(Killed):
        services.delivering.deliver(services.delivering.claim(OWNER))
    monkeypatch.undo()
    assert line_of(queued)[0] is State.COMMITTING

    services.delivering.recover()
    state, code, reply, attempt, finished_at = line_of(queued)
    assert (state, code, attempt) == (State.SENT, Code.OK, Code.OK)
    assert reply.startswith("250")
    assert finished_at is not None
    deliver_all(services)
    assert len(mail_server.letters) == 1


def test_a_database_that_is_gone_after_the_dot_makes_nothing_uncertain(services, queued, mail_server, monkeypatch):
    gone = OperationalError("COMMIT", {}, Exception("the database is gone"))
    monkeypatch.setattr(Delivering, "_conclude", raising(gone))
    with pytest.raises(OperationalError):
        services.delivering.deliver(services.delivering.claim(OWNER))

    assert line_of(queued)[:2] == (State.SENT, Code.OK)
    assert len(mail_server.letters) == 1


def test_a_refusal_of_the_content_stands_too(cast, services, queued, mail_server, monkeypatch):
    async def refuse(*_arguments):
        return "554 5.7.1 Not like this"

    monkeypatch.setattr(mail_server, "handle_DATA", refuse)
    monkeypatch.setattr(Delivering, "_conclude", raising(Killed))
    with pytest.raises(Killed):
        services.delivering.deliver(services.delivering.claim(OWNER))
    services.delivering.recover()

    assert line_of(queued)[:2] == (State.FAILED, Code.CONTENT_REJECTED)


def test_without_an_answer_nobody_knows(services, queued, mail_server, monkeypatch):
    monkeypatch.setattr(Answers, "write_down", raising(Killed))
    monkeypatch.setattr(Delivering, "_conclude", raising(Killed))
    with pytest.raises(Killed):
        services.delivering.deliver(services.delivering.claim(OWNER))
    services.delivering.recover()

    assert line_of(queued)[:2] == (State.UNCERTAIN, Code.UNKNOWN)


def test_before_the_fence_it_is_simply_tried_again(services, queued, mail_server, monkeypatch, clock):
    monkeypatch.setattr(Delivering, "_pass_fence", raising(Killed))
    with pytest.raises(Killed):
        services.delivering.deliver(services.delivering.claim(OWNER))
    monkeypatch.undo()
    services.delivering.recover()
    assert line_of(queued)[0] is State.DEFERRED

    clock.forward(seconds=10)
    deliver_all(services)
    assert len(mail_server.letters) == 1


def test_a_journal_that_cannot_be_written_is_told_and_the_mail_is_sent_all_the_same(
    services, queued, mail_server, monkeypatch
):
    monkeypatch.setattr(Journal, "write", raising(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        services.delivering.deliver(services.delivering.claim(OWNER))

    assert line_of(queued)[0] is State.SENT


def test_whoever_lost_a_mail_to_another_delivers_nothing_more_of_it(services, queued, mail_server):
    """A process that was stopped for a while goes on with what somebody else has taken up meanwhile."""
    stale = services.delivering.preparation.prepare(services.delivering.claim(OWNER))
    services.delivering.recover()
    report = services.delivering._transmit(stale)
    services.delivering._settle(stale, report)

    assert (report.code, mail_server.letters) == (Code.LET_GO, [])
    assert line_of(queued)[0] is State.DEFERRED


def test_the_journal_holds_the_answer_and_nothing_of_the_mail(services, queued, mail_server, tmp_path):
    services.delivering.deliver(services.delivering.claim(OWNER))
    (file,) = (tmp_path / "journal").iterdir()
    text = file.read_text()

    assert "250 2.0.0 accepted" in text
    assert [word for word in (HELLO.subject, HELLO.text.strip(), "cal@demo.test") if word in text] == []


STEPS = ("send", "send bulk", "deliver", "crash", "recover", "wait", "select", "suspend", "resume", "cancel", "retry")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(STEPS), min_size=5, max_size=25))
def test_a_mail_always_says_when_it_is_due(make_portal, clock, mail_server, steps):
    """After whatever happened: due while somebody waits for it and nobody has it in hand, and never otherwise."""
    app = make_portal()
    with app.app_context():
        services = app.extensions["portal.services"]
        world = World(plant(services), clock, mail_server)
        for step in steps:
            getattr(world, step.replace(" ", "_"))()
            ensure_due_is_right(clock())
        services.delivering.rest()
        db.session.remove()
        db.engine.dispose()


def ensure_due_is_right(now):
    with reading(SYSTEM) as session:
        for message in session.query(outbox.MessageRow):
            waiting = [each.next_at for each in outbox.recipients_of(session, message.id) if State(each.state) in DUE]
            if message.owner is not None or not waiting:
                assert message.due_at is None
            else:
                # Among what is due already the order may differ: it was all asked for at once.
                assert message.due_at == min(waiting) or max(message.due_at, min(waiting)) <= now


class World:
    """Everything that happens to mail, one step after the other."""

    def __init__(self, cast, clock, mail_server):
        self.cast, self.clock, self.services = cast, clock, cast.services
        self.config = cast.active_config(cast.sue, **mail_server.typed("none"))
        self.sent, self.is_selected = [], True

    def send(self, lane=Lane.NORMAL):
        to = (Mailbox("cal@demo.test"), Mailbox("otto@demo.test"))
        self.sent += self.services.sending.send(tenant_id=self.cast.sue.tenant.id, to=to, content=HELLO, lane=lane)[:1]

    def send_bulk(self):
        self.send(Lane.BULK)

    def deliver(self):
        if claim := self.services.delivering.claim(OWNER):
            self.services.delivering.deliver(claim)

    def crash(self):
        self.services.delivering.claim(uuid4())

    def recover(self):
        self.services.delivering.recover(OWNER)

    def wait(self):
        self.clock.forward(minutes=16)
        self.services.delivering.sweep()

    def select(self):
        self.is_selected = not self.is_selected
        chosen = self.config.id if self.is_selected else None
        with suppress(PortalError):
            self.services.mail_configs.select(self.cast.sue, self.cast.sue.tenant.id, chosen)

    def suspend(self):
        self.services.tenants.suspend(self.cast.rex, self.cast.sue.tenant.id)

    def resume(self):
        self.services.tenants.resume(self.cast.rex, self.cast.sue.tenant.id)

    def cancel(self):
        self._try(self.services.mail_log.cancel)

    def retry(self):
        self._try(self.services.mail_log.retry)

    def _try(self, action):
        for message_id in self.sent[-2:]:
            with suppress(PortalError):
                action(self.cast.rex, self.cast.sue.tenant.id, message_id)
