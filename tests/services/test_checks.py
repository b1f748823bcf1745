"""What is in use is checked by the clock: nothing is delivered, people are told once, and once more when it works again."""

from datetime import timedelta

import pytest

from portal.domain.diagnosis import Code
from portal.domain.health import MOST_FAILURES, Health, next_check
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret
from tests.cast import typed_config
from tests.fixtures_portal import Clock
from tests.work import deliver_all

DAY = timedelta(days=1)


@pytest.fixture
def make_portal(make_portal):
    """Here the clock checks once a day."""
    return lambda **changes: make_portal(**{"check_hours": 24, **changes})


@pytest.fixture
def above(cast, mail_server):
    """What Sue's alerts go through: the company above works."""
    return cast.active_config(cast.rex, from_address="rex@rex.example", **mail_server.typed("none"))


def check_all(services):
    """What the worker does when it has time: everything that is due. Returns the names of what was checked."""
    names = []
    while route := services.checks.claim():
        services.checks.perform(route)
        names.append(route.draft.name)
    return names


def unreachable(mail_server):
    return {**mail_server.typed("none"), "port": str(mail_server.closed_port)}


def subjects(mail_server):
    return [letter.subject for letter in mail_server.letters]


def state(cast, config):
    return cast.services.mail_configs.get(cast.pia, config.tenant_id, config.id)


def test_what_was_chosen_is_checked_at_once_and_then_once_a_day(cast, services, mail_server, clock):
    config = cast.active_config(cast.sue, name="Sue's", **mail_server.typed("tls"))
    assert check_all(services) == ["Sue's"]
    assert (state(cast, config).last_code, state(cast, config).last_good_at) == ("ok", clock())

    clock.forward(hours=21)
    assert check_all(services) == []
    clock.forward(hours=6)
    assert check_all(services) == ["Sue's"]
    assert mail_server.letters == []


def test_what_nobody_uses_is_left_alone(cast, services, mail_server):
    cast.config(cast.sue, name="Spare", **mail_server.typed("tls"))

    assert check_all(services) == []


def test_what_is_linked_to_a_person_or_a_profile_is_in_use(cast, services, mail_server, clock):
    linked = cast.config(cast.sue, name="Sue's own", **mail_server.typed("tls"))
    of_team = cast.config(cast.sue, name="The team's", **mail_server.typed("none"))
    services.linked_configs.link_users(cast.sue, cast.sue.tenant.id, [cast.sue.user_id], linked.id)
    profile = services.profiles.create(cast.sue, cast.sue.tenant.id, name="Team")
    services.linked_configs.link_profile(cast.sue, cast.sue.tenant.id, profile.id, of_team.id)

    assert set(check_all(services)) == {"Sue's own", "The team's"}


def test_a_company_that_rests_is_not_checked_and_is_again_later(cast, services, mail_server, clock):
    cast.active_config(cast.sue, name="Sue's", **mail_server.typed("tls"))
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    assert check_all(services) == []

    services.tenants.resume(cast.pia, cast.rex.tenant.id)
    clock.forward(hours=25)
    assert check_all(services) == ["Sue's"]


def test_mail_that_goes_well_is_as_good_as_a_check(cast, services, mail_server, clock):
    cast.active_config(cast.sue, name="Sue's", **mail_server.typed("tls"))
    check_all(services)
    clock.forward(hours=20)
    services.sending.send(
        tenant_id=cast.sue.tenant.id, to=(Mailbox("cal@demo.test"),), content=Outgoing("Hello", "A line.\n")
    )
    deliver_all(services)

    clock.forward(hours=20)
    assert check_all(services) == []


def test_a_server_that_stays_away_is_told_once_within_two_hours_and_its_return_once(
    cast, services, mail_server, clock, above
):
    config = cast.active_config(cast.sue, name="Sue's", **unreachable(mail_server))
    check_all(services)
    told = []
    for _ in range(12):
        clock.forward(minutes=10)
        check_all(services)
        deliver_all(services)
        told.append(len(mail_server.letters))
    assert told[0] == 0
    assert told[-1] == 1
    assert "Sue's" in subjects(mail_server)[0]

    clock.forward(days=2)
    check_all(services)
    deliver_all(services)
    assert len(mail_server.letters) == 1

    services.mail_configs.update(
        cast.sue,
        config.tenant_id,
        config.id,
        typed_config(name="Sue's", **mail_server.typed("none")),
        password=Secret(""),
        version=state(cast, config).version,
    )
    check_all(services)
    deliver_all(services)
    assert len(mail_server.letters) == 2
    assert state(cast, config).last_code == "ok"


def test_a_refused_password_is_told_at_once_and_tried_once_an_hour(cast, services, mail_server, clock, above):
    config = cast.active_config(cast.sue, name="Sue's", password="close but no", **mail_server.typed("tls"))
    check_all(services)
    deliver_all(services)
    assert len(mail_server.letters) == 1

    assert state(cast, config).last_code == Code.AUTH_REJECTED.value
    tries = 0
    for _ in range(24):
        clock.forward(minutes=10)
        tries += len(check_all(services))
    assert 3 <= tries <= 4


def test_a_process_that_dies_in_the_middle_leaves_the_check_for_the_next_time(cast, services, mail_server, clock):
    cast.active_config(cast.sue, name="Sue's", **mail_server.typed("tls"))
    assert services.checks.claim() is not None
    assert services.checks.claim() is None

    clock.forward(hours=25)
    assert check_all(services) == ["Sue's"]


def test_nothing_is_checked_where_the_operator_wants_none(make_portal, mail_server):
    app = make_portal(check_hours=0)
    with app.app_context():
        services = app.extensions["portal.services"]
        assert not services.looks.waiting().check
        assert services.checks.claim() is None


def test_whoever_stands_above_sees_which_companies_fail_and_nobody_else(cast, services, mail_server, clock, above):
    cast.active_config(cast.sue, name="Sue's", password="close but no", **mail_server.typed("tls"))
    check_all(services)

    assert services.tenants.tree(cast.pia, cast.pia.tenant.id).failing == 1
    assert services.tenants.tree(cast.rex, cast.rex.tenant.id).failing == 1
    assert services.tenants.tree(cast.otto, cast.otto.tenant.id).failing == 0
    assert services.figures.of_queue().failing_configs == 1

    services.mail_configs.select(cast.sue, cast.sue.tenant.id, None)
    assert services.tenants.tree(cast.pia, cast.pia.tenant.id).failing == 0


@pytest.mark.parametrize("lot", [0.0, 0.5, 1.0])
def test_what_works_is_checked_about_as_often_as_was_asked_for(lot):
    assert DAY * 0.9 <= next_check(Health(), Code.OK, DAY, lot) <= DAY * 1.1


def test_what_fails_is_looked_at_more_often_until_its_people_know_and_then_hourly():
    clock, health, waits = Clock(), Health(), []
    for _ in range(MOST_FAILURES + 1):
        health, _ = health.after(Code.REFUSED, clock())
        waits.append(next_check(health, Code.REFUSED, DAY, 0.5) // timedelta(minutes=1))

    assert waits == [5, 10, 20, 40, 60, 60]
    assert next_check(health, Code.REFUSED, timedelta(minutes=30), 0.5) == timedelta(minutes=30)
