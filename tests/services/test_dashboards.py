"""What a company's dashboard is made of: its own mail and configurations, and of others no more than may be known."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from portal.domain.dashboards import Matter
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import ForbiddenError, NotFoundError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.roles import Role
from portal.store import mail_configs, outbox
from portal.store.db import SYSTEM, unit_of_work
from tests.counting import counting

HELLO = Outgoing("Hello", "A line.\n")


@pytest.fixture
def board(services):
    def board(person, tenant=None):
        return services.dashboards.of(person, (tenant or person.tenant).id, zone=UTC)

    return board


@pytest.fixture
def send(services):
    def send(person, state=State.QUEUED):
        to = (Mailbox("cal@demo.test"),)
        message_id, _ = services.sending.send(tenant_id=person.tenant.id, to=to, content=HELLO)
        with unit_of_work(SYSTEM) as session:
            for each in outbox.recipients_of(session, message_id):
                each.state = state.value

    return send


def fails(config):
    with unit_of_work(SYSTEM) as session:
        row = mail_configs.get_by_id(session, config.id)
        row.known_to_fail, row.last_code = True, Code.REFUSED.value


def matters(found):
    return [need.matter for need in found.needs]


def test_the_answer_is_the_own_selection_or_else_the_projection_of_what_is_inherited(cast, board):
    cast.active_config(cast.pia, name="Cloud relay", from_address="cloud@example.test")
    inherited = board(cast.sue)
    assert inherited.selected is None
    assert (inherited.default.parent_name, inherited.default.sender) == ("Rex Hosting", "cloud@example.test")

    own = cast.active_config(cast.sue)
    assert (board(cast.sue).selected.id, board(cast.sue).default) == (own.id, None)


def test_what_is_inherited_is_never_a_neighbours(cast, board):
    cast.active_config(cast.pia, name="Cloud relay", from_address="cloud@example.test")
    cast.active_config(cast.otto, name="A relay", from_address="otto@example.test")

    assert board(cast.sue).default.sender == "cloud@example.test"
    assert board(cast.sue).numbers.configs == 0


def test_it_counts_its_own_people_and_the_companies_below_that_are_not_closed(cast, board, services):
    services.tenants.create(cast.otto, cast.otto.tenant.id, kind="customer", name="Otto's Workshop")
    closed = services.tenants.create(cast.rex, cast.rex.tenant.id, kind="customer", name="Rex Showroom")
    services.tenants.close(cast.rex, closed.id)

    found = board(cast.rex).numbers
    assert (found.people, found.companies, found.failing_below) == (1, 2, 0)


def test_where_there_are_many_companies_below_they_are_not_counted_to_the_end(cast, board, monkeypatch):
    monkeypatch.setattr("portal.store.dashboards.MOST_COMPANIES", 2)
    monkeypatch.setattr("portal.domain.dashboards.MOST_COMPANIES", 2)

    assert (board(cast.pia).numbers.companies, board(cast.pia).numbers.has_many_companies) == (3, True)
    assert (board(cast.rex).numbers.companies, board(cast.rex).numbers.has_many_companies) == (2, False)


def test_only_what_is_in_use_needs_somebody(cast, board, services):
    used, spare = cast.active_config(cast.sue), cast.config(cast.sue, name="Spare")
    fails(spare)
    assert matters(board(cast.sue)) == [Matter.NEVER_TRIED]

    fails(used)
    services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [cast.sue.user_id], spare.id)
    assert matters(board(cast.sue)) == [Matter.FAILS, Matter.FAILS]


def test_owners_hear_of_failing_companies_below_and_staff_does_not(cast, board):
    fails(cast.active_config(cast.sue))
    assert Matter.FAILING_BELOW in matters(board(cast.rex))
    assert Matter.FAILING_BELOW not in matters(board(cast.otto))

    assert Matter.FAILING_BELOW not in matters(board(replace(cast.rex, role=Role.STAFF)))


def test_the_mail_of_the_last_days_is_counted_by_what_became_of_it(cast, board, send, clock):
    send(cast.sue, State.SENT)
    clock.forward(days=1)
    send(cast.sue, State.FAILED)
    send(cast.sue)
    send(cast.rex, State.SENT)

    days = board(cast.sue).days
    assert [(each.delivered, each.failed, each.put_off) for each in days[-2:]] == [(1, 0, 0), (0, 1, 1)]
    assert sum(each.total for each in days) == 3


def test_what_waits_for_a_person_is_told_however_old_it_is(cast, board, send, clock):
    cast.active_config(cast.sue)
    send(cast.sue, State.HELD)
    clock.forward(days=30)

    found = board(cast.sue)
    assert [(need.matter, need.number) for need in found.needs if need.config is None] == [(Matter.HELD, 1)]
    assert sum(each.total for each in found.days) == 0


def test_the_operator_alone_sees_how_the_portal_does(cast, board, send, clock):
    cast.active_config(cast.pia)
    send(cast.sue)
    clock.forward(minutes=11)

    engine = board(cast.pia).engine
    assert (engine.queue.due, engine.queue.oldest, engine.is_late) == (1, clock() - timedelta(minutes=11), True)
    assert Matter.NOBODY_DELIVERS in matters(board(cast.pia))
    assert board(cast.rex).engine is None
    assert board(cast.pia, cast.rex.tenant).engine is None


def test_it_is_nobody_elses(cast, board):
    with pytest.raises(NotFoundError):
        board(cast.otto, cast.sue.tenant)
    with pytest.raises(NotFoundError):
        board(cast.sue, cast.rex.tenant)
    with pytest.raises(ForbiddenError):
        board(cast.cal)


def test_six_statements_are_enough_for_everybody(cast, board, send):
    cast.active_config(cast.pia)
    for person in (cast.pia, cast.rex, cast.sue):
        for _ in range(3):
            send(person)
        with counting() as asked:
            board(person)
        assert len([each for each in asked if each.lstrip().startswith(("SELECT", "WITH"))]) <= 6
