"""No company waits behind all the mail of another, and no server takes all the senders."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from portal.domain.delivery import State
from portal.domain.ids import MessageId
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.services.turns import Turns
from portal.store import outbox
from portal.store import turns as store_turns
from portal.store.db import SYSTEM, reading
from tests.work import OWNER, deliver_all

HELLO = Outgoing("Hello", "A line.\n")


def queue(cast, person, count=1, lane=Lane.NORMAL):
    to = (Mailbox("cal@demo.test"),)
    return [
        cast.services.sending.send(tenant_id=person.tenant.id, to=to, content=HELLO, lane=lane)[0] for _ in range(count)
    ]


def claimed_by(cast, count, lanes=tuple(Lane)):
    """Whose mail is taken, claim after claim, each by an owner of its own."""
    names = {getattr(cast, name).tenant.id: name for name in ("pia", "rex", "sue", "otto")}
    taken = []
    for _ in range(count):
        claim = cast.services.delivering.claim(uuid4(), lanes)
        taken.append(claim and names[claim.tenant_id])
    return taken


def with_configs(cast, mail_server, *people):
    for person in people:
        cast.active_config(person, **mail_server.typed("none"))


def test_a_company_with_one_mail_does_not_wait_behind_one_with_many(cast, mail_server):
    with_configs(cast, mail_server, cast.sue, cast.otto, cast.rex)
    queue(cast, cast.sue, 20)
    queue(cast, cast.otto)
    queue(cast, cast.rex)

    assert set(claimed_by(cast, 3)) == {"sue", "otto", "rex"}


def test_whoever_waits_longest_goes_first_within_a_company(cast, mail_server, clock):
    with_configs(cast, mail_server, cast.sue)
    first = queue(cast, cast.sue)
    clock.forward(seconds=1)
    queue(cast, cast.sue, 3)

    assert cast.services.delivering.claim(OWNER).message_id == first[0]


def test_one_configuration_is_given_two_connections_and_the_next_company_the_third_sender(cast, mail_server):
    with_configs(cast, mail_server, cast.sue, cast.otto)
    queue(cast, cast.sue, 9)
    assert claimed_by(cast, 3) == ["sue", "sue", None]

    queue(cast, cast.otto)
    assert claimed_by(cast, 1) == ["otto"]


def test_companies_that_inherit_one_configuration_share_its_connections(cast, mail_server):
    with_configs(cast, mail_server, cast.pia)
    for person in (cast.sue, cast.rex, cast.otto):
        queue(cast, person, 2)

    assert claimed_by(cast, 3)[2] is None


def test_mail_to_many_leaves_a_connection_to_mail_to_one(cast, mail_server):
    with_configs(cast, mail_server, cast.sue)
    queue(cast, cast.sue, 9, lane=Lane.BULK)
    assert claimed_by(cast, 2) == ["sue", None]

    queue(cast, cast.sue)
    assert claimed_by(cast, 1) == ["sue"]


def test_whoever_was_passed_over_comes_to_its_turn_when_the_server_has_time(cast, services, mail_server, clock):
    with_configs(cast, mail_server, cast.sue)
    messages = queue(cast, cast.sue, 4)
    held = [services.delivering.claim(uuid4()) for _ in range(2)]
    assert services.delivering.claim(OWNER) is None
    for claim in held:
        services.delivering.deliver(claim, goes_on=lambda: False)
    clock.forward(seconds=1)
    deliver_all(services)

    assert states(messages) == {State.SENT}


@pytest.mark.parametrize("lane", Lane)
def test_a_lane_gives_only_its_own_mail(cast, mail_server, lane):
    with_configs(cast, mail_server, cast.sue)
    for each in Lane:
        queue(cast, cast.sue, lane=each)

    assert cast.services.delivering.claim(OWNER, (lane,)).lane is lane


def test_the_most_urgent_lane_is_asked_first(cast, mail_server):
    with_configs(cast, mail_server, cast.sue)
    queue(cast, cast.sue, lane=Lane.BULK)
    urgent = queue(cast, cast.sue, lane=Lane.INTERACTIVE)

    assert cast.services.delivering.claim(OWNER).message_id == urgent[0]


def test_every_company_is_served_however_many_there_are_before_it(cast, mail_server):
    with_configs(cast, mail_server, cast.sue, cast.otto, cast.rex, cast.pia)
    people = [cast.sue, cast.otto, cast.rex, cast.pia]
    for person in people:
        queue(cast, person, 2)
    first, second = claimed_by(cast, 4), claimed_by(cast, 4)

    assert set(first) == set(second) == {"sue", "otto", "rex", "pia"}
    assert claimed_by(cast, 1) == [None]


def states(messages):
    with reading(SYSTEM) as session:
        return {State(each.state) for message in messages for each in outbox.recipients_of(session, MessageId(message))}


def test_a_round_ends_although_others_take_the_mail_of_whoever_was_asked_first(cast, monkeypatch):
    """Two senders once went round for ever: the company they had begun with had no mail any more, the next was waiting."""
    first, second = sorted((cast.sue.tenant.id, cast.otto.tenant.id))
    looks = iter([first])
    monkeypatch.setattr(store_turns, "tenant_after", lambda *_: next(looks, second))
    monkeypatch.setattr(store_turns, "first_of", lambda *_, **__: [])
    turns = Turns(lambda: datetime(2026, 11, 27, tzinfo=UTC))

    with reading(SYSTEM) as session:
        assert turns.next(session, Lane.NORMAL, most=1) == []
