"""How often delivery talks to PostgreSQL about a mail, and that nothing it asked ahead of time is believed too long."""

from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import text

from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.store import hands, turns
from portal.store.db import beside_others, db
from portal.store.wire import Wire

pytestmark = pytest.mark.timeout(120)

CAL, OTTO = Mailbox("cal@demo.test"), Mailbox("otto@demo.test")


@pytest.fixture
def database(on_postgres):
    return on_postgres


@pytest.fixture
def cast(cast, mail_server):
    cast.active_config(cast.sue, host="127.0.0.1", port=str(mail_server.plain_port), encryption="none", signs_in=False)
    return cast


def queue(cast, *recipients):
    return [
        cast.services.sending.send(
            tenant_id=cast.sue.tenant.id, to=to, content=Outgoing("Hello", "A line.\n"), lane=Lane.INTERACTIVE
        )[0]
        for to in recipients
    ]


def claimed(cast):
    return cast.services.delivering.claim(uuid4(), (Lane.INTERACTIVE,))


def behind(cast, claim, *, learnt=lambda _session: None):
    """The next mail, taken as in the transaction that settles the one before it."""
    claiming, now = cast.services.delivering.claiming, cast.services.clock()

    def work(session):
        claiming.foresee_along(session, claim, now)
        learnt(session)
        return claiming.along(session, claim, now)

    return beside_others(work)


def test_a_mail_of_a_run_takes_four_round_trips(cast):
    queue(cast, *[(CAL,)] * 12)
    carried, real = [], Wire._carried

    def noted(wire, told):
        carried.append(len(told))
        return real(wire, told)

    claim = claimed(cast)
    with patch.object(Wire, "_carried", noted):
        cast.services.delivering.deliver(claim)

    the_fence, settled_and_the_next_one_taken = [3, 2], [8, 2]
    assert carried.count(8) >= 9
    first = carried.index(8) - 2
    assert carried[first : first + 12] == (the_fence + settled_and_the_next_one_taken) * 3


def test_the_next_mail_is_taken_with_those_whom_it_is_for(cast):
    queue(cast, (CAL,), (CAL, OTTO))

    assert sorted(behind(cast, claimed(cast)).addresses) == ["cal@demo.test", "otto@demo.test"]


def test_where_somebody_else_is_taking_the_next_mail_the_one_behind_it_goes_to_those_whom_it_is_for(cast):
    _, taken, left = queue(cast, (CAL,), (CAL,), (OTTO,))
    claim = claimed(cast)
    with db.engine.connect() as other, other.begin():
        other.execute(text("SELECT set_config('portal.scope', 'system', true)"))
        other.execute(text("SELECT 1 FROM messages WHERE id = :id FOR UPDATE"), {"id": taken})
        following = behind(cast, claim)

    assert (following.message_id, following.addresses) == (left, ("otto@demo.test",))


def learning(claim, message_id, words):
    """Something of the server of a mail in hand, which changes the next one when that was asked for already."""

    def learn(session):
        hands.recipients_of(session, [message_id])  # what was foreseen travels along
        turns.lock_server(session, claim.route.config_id)
        session.execute(text(words), {"id": message_id})

    return learn


def test_what_was_learnt_of_a_server_is_asked_behind(cast):
    _, following = queue(cast, (CAL,), (CAL,))
    claim = claimed(cast)
    learn = learning(claim, following, "UPDATE recipients SET address = 'otto@demo.test' WHERE message_id = :id")

    assert behind(cast, claim, learnt=learn).addresses == ("otto@demo.test",)


def test_a_mail_that_waits_since_something_was_learnt_of_a_server_is_left_alone(cast):
    _, following = queue(cast, (CAL,), (CAL,))
    claim = claimed(cast)
    learn = learning(claim, following, "UPDATE messages SET due_at = due_at + interval '1 hour' WHERE id = :id")

    assert behind(cast, claim, learnt=learn) is None
