"""A configuration that keeps a pace lets so many mails a minute out, and not one more."""

import pytest

from portal.domain.config_rules import judged
from portal.domain.delivery import State
from portal.domain.errors import InvalidError
from portal.domain.outgoing import Lane, Mailbox, Outgoing
from portal.store import outbox
from portal.store.db import SYSTEM, reading
from tests.cast import plant, typed_config
from tests.work import deliver_all


def send(cast, number):
    for each in range(number):
        to = (Mailbox(f"otto{each}@demo.test"),)
        cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=to, content=Outgoing("Hello", "A line.\n"))


def rows():
    with reading(SYSTEM) as session:
        return [
            (row.state, row.attempts, row.crash_count, row.next_at)
            for row in session.query(outbox.RecipientRow).order_by(outbox.RecipientRow.state)
        ]


def test_what_is_too_much_for_a_minute_waits_for_its_turn_and_costs_no_attempt(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("none"), per_minute="2")
    send(cast, 5)
    deliver_all(services)

    assert len(mail_server.letters) == 2
    waiting = [row for row in rows() if row[0] == State.QUEUED.value]
    assert [row[1:3] for row in waiting] == [(0, 0)] * 3
    assert {(row[3] - clock()).total_seconds() for row in waiting} == {60}

    clock.forward(seconds=59)
    deliver_all(services)
    assert len(mail_server.letters) == 2
    clock.forward(seconds=1)
    deliver_all(services)
    assert len(mail_server.letters) == 4
    clock.forward(seconds=60)
    deliver_all(services)
    assert len(mail_server.letters) == 5


def test_another_configuration_keeps_a_pace_of_its_own(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("none"), per_minute="1")
    send(cast, 2)
    deliver_all(services)
    assert len(mail_server.letters) == 1

    cast.active_config(cast.sue, name="Other", **mail_server.typed("tls"))
    send(cast, 1)
    deliver_all(services)
    assert len(mail_server.letters) == 2


@pytest.mark.parametrize("text", ["0", "-1", "ten", "1.5", "10001", "٣"])
def test_a_pace_that_cannot_be_is_refused_at_its_field(text):
    with pytest.raises(InvalidError) as refused:
        judged(typed_config(per_minute=text))

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("per_minute", "not-a-number")]


@pytest.mark.parametrize(("text", "pace"), [("", 0), (" 60 ", 60), ("10000", 10_000)])
def test_an_empty_pace_is_no_limit(text, pace):
    assert judged(typed_config(per_minute=text)).per_minute == pace


def test_a_company_has_so_many_mails_a_minute_whatever_they_go_through(make_portal, mail_server, clock):
    app = make_portal(tenant_per_minute=2)
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        cast.active_config(cast.pia, **mail_server.typed("none"))
        named = cast.config(cast.sue, name="Other", **mail_server.typed("none"))
        send(cast, 3)
        cast.services.sending.send(
            tenant_id=cast.sue.tenant.id,
            to=(Mailbox("cal@demo.test"),),
            content=Outgoing("Hello", "A line.\n"),
            config_id=named.id,
        )
        deliver_all(cast.services)
        assert len(mail_server.letters) == 2
        waiting = [row for row in rows() if row[0] == State.QUEUED.value]
        assert [(row[1], row[2], (row[3] - clock()).total_seconds()) for row in waiting] == [(0, 0, 60)] * 2

        for lane, person in ((Lane.NORMAL, cast.otto), (Lane.INTERACTIVE, cast.sue)):  # others, and whoever waits
            cast.services.sending.send(
                tenant_id=person.tenant.id,
                to=(Mailbox("cal@demo.test"),),
                content=Outgoing("At once", "A line.\n"),
                lane=lane,
            )
        deliver_all(cast.services)
        assert [letter.subject for letter in mail_server.letters[2:]] == ["At once"] * 2
        clock.forward(seconds=60)
        deliver_all(cast.services)
        assert len(mail_server.letters) == 6
        cast.services.delivering.rest()
