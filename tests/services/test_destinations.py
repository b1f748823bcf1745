"""A tenant's budget of servers: neither tests nor mails are a means to search a network."""

import pytest

from portal.domain.audit import Event
from portal.domain.config_rules import judged
from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import DestinationsSpentError
from portal.domain.ids import ConfigId, new_id
from portal.domain.limits import DESTINATIONS_PER_TENANT_AND_DAY as PER_DAY
from portal.domain.limits import NEW_DESTINATIONS_PER_TENANT_AND_HOUR as NEW_PER_HOUR
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from portal.mail import egress
from portal.settings import InstanceDefault
from portal.store.db import SYSTEM, db, unit_of_work
from tests.cast import plant, typed_config
from tests.work import deliver_all, run_trials

TO_CAL = (Mailbox("cal@demo.test", "Cal"),)


@pytest.fixture
def outside(monkeypatch):
    """Loopback stands for the world: public, and nobody's exception."""
    monkeypatch.setattr(egress, "_is_public", lambda address: address.is_loopback)
    monkeypatch.setattr(egress, "_is_our_own", lambda _address: False)


@pytest.fixture
def app(make_portal, outside):
    portal = make_portal(egress_networks=())
    with portal.app_context():
        yield portal
        db.engine.dispose()


@pytest.fixture
def server(mail_server):
    """The form for the n-th server; nobody listens there."""

    def typed(number, **changes):
        place = {"host": f"127.0.1.{number}", "port": str(mail_server.closed_port), "name": f"c{number}"}
        return typed_config(**{"encryption": "none", "signs_in": False, **place, **changes})

    return typed


def ask(cast, typed, person=None):
    own = (person or cast.sue).tenant.id
    return cast.services.trials.request_draft(
        person or cast.sue,
        own,
        ConfigId(new_id()),
        typed,
        password=Secret(""),
        verb=Verb.CHECK,
        recipient="sue@demo.test",
    )


def tried(cast, typed, person=None):
    trial_id = ask(cast, typed, person)
    run_trials(cast.services)
    return code_of(cast, trial_id, person)


def code_of(cast, trial_id, person=None):
    person = person or cast.sue
    return cast.services.trials.get(person, person.tenant.id, trial_id).code


def saved(cast, typed, person=None):
    own = (person or cast.sue).tenant.id
    return cast.services.mail_configs.create(person or cast.sue, own, ConfigId(new_id()), typed, password=Secret(""))


def delivered(cast, **options):
    """Send a mail of Sue's company; its code and state afterwards."""
    content = Outgoing("Hello", "A line.\n")
    message_id, _ = cast.services.sending.send(tenant_id=cast.sue.tenant.id, to=TO_CAL, content=content, **options)
    deliver_all(cast.services)
    line = cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines[0]
    return line.code, line.state


def spend(cast, server, person=None):
    for number in range(NEW_PER_HOUR.uses):
        assert tried(cast, server(200 + number), person) is Code.REFUSED


def events(cast, person):
    return [entry.event for entry in cast.services.audit.page(person, person.tenant.id, before=None)]


@pytest.mark.asvs("16.3.3")
def test_after_five_new_servers_in_an_hour_the_sixth_is_refused_and_the_refusal_is_noted(cast, server, clock):
    spend(cast, server)
    with pytest.raises(DestinationsSpentError) as refused:
        ask(cast, server(6))

    assert (refused.value.limit, refused.value.retry_after) == (NEW_PER_HOUR.name, 3600)
    assert events(cast, cast.sue).count(Event.TRIAL_REFUSED) == 1
    assert tried(cast, server(200)) is Code.REFUSED  # a server that was tried before costs nothing
    clock.forward(hours=1)
    assert tried(cast, server(6)) is Code.REFUSED


def test_the_twenty_first_server_of_a_day_is_refused_until_the_first_is_a_day_old(cast, server, clock):
    for number in range(PER_DAY.uses):
        clock.forward(minutes=15)
        assert tried(cast, server(1 + number)) is Code.REFUSED
    clock.forward(hours=1)
    with pytest.raises(DestinationsSpentError) as refused:
        ask(cast, server(21))

    assert refused.value.limit == PER_DAY.name
    clock.forward(seconds=refused.value.retry_after)
    assert tried(cast, server(21)) is Code.REFUSED


def test_another_port_is_another_server(cast, server, mail_server):
    spend(cast, server)

    with pytest.raises(DestinationsSpentError):
        ask(cast, server(200, port=str(mail_server.plain_port)))


def test_only_what_is_connected_to_counts(cast, server):
    for number in range(NEW_PER_HOUR.uses + 1):
        assert tried(cast, server(1, host=f"server{number}.invalid")) is Code.NAME
        assert tried(cast, server(1, host=f"10.0.0.{number}")) is Code.BLOCKED

    spend(cast, server)


def test_tests_that_wait_together_are_counted_when_they_connect(cast, server):
    waiting = [ask(cast, server(number)) for number in range(1, NEW_PER_HOUR.uses + 2)]
    run_trials(cast.services)

    assert [code_of(cast, each) for each in waiting] == [Code.REFUSED] * NEW_PER_HOUR.uses + [Code.DESTINATIONS]


def test_a_server_that_works_for_the_tenant_costs_nothing(cast, server, mail_server, clock):
    works = server(1, host="127.0.0.1", port=str(mail_server.plain_port))
    config = saved(cast, works)
    cast.services.trials.request_saved(
        cast.sue, config.tenant_id, config.id, verb=Verb.CHECK, recipient="sue@demo.test"
    )
    run_trials(cast.services)
    cast.services.mail_configs.select(cast.sue, config.tenant_id, config.id)
    clock.forward(days=2)  # that visit is forgotten; that it worked is not
    spend(cast, server)

    assert tried(cast, works) is Code.OK
    assert delivered(cast) == (Code.OK, State.SENT)


def test_a_server_that_never_worked_does(cast, server, mail_server):
    spend(cast, server)
    config = saved(cast, server(1, host="127.0.0.1", port=str(mail_server.plain_port)))

    with pytest.raises(DestinationsSpentError):
        cast.services.trials.request_saved(
            cast.sue, config.tenant_id, config.id, verb=Verb.CHECK, recipient="sue@demo.test"
        )


def test_mails_that_go_from_server_to_server_wait_until_there_is_room(cast, server, mail_server, clock):
    spend(cast, server)
    config = saved(cast, server(1, host="127.0.0.1", port=str(mail_server.plain_port)))

    assert delivered(cast, config_id=config.id) == (Code.DESTINATIONS, State.DEFERRED)
    assert mail_server.letters == []
    clock.forward(hours=1)
    deliver_all(cast.services)
    assert len(mail_server.letters) == 1


def test_a_test_of_whatever_applies_is_no_way_around_it(cast, server, mail_server):
    spend(cast, server)
    config = saved(cast, server(1, host="127.0.0.1", port=str(mail_server.plain_port)))
    cast.services.mail_configs.select(cast.sue, config.tenant_id, config.id)
    trial_id = cast.services.trials.request_effective(
        cast.sue, config.tenant_id, verb=Verb.SEND, recipient="sue@demo.test"
    )
    run_trials(cast.services)

    assert code_of(cast, trial_id) is Code.DESTINATIONS
    assert mail_server.letters == []


def test_the_budget_is_that_of_the_configurations_owner(cast, server):
    spend(cast, server, cast.rex)
    own, inherited = saved(cast, server(1)), saved(cast, server(2), cast.rex)

    assert delivered(cast, config_id=own.id)[0] is Code.REFUSED
    cast.services.mail_configs.select(cast.rex, inherited.tenant_id, inherited.id)
    assert delivered(cast)[0] is Code.DESTINATIONS


def test_what_the_operator_excepts_or_set_up_himself_is_free(make_portal, outside, mail_server, server):
    default = InstanceDefault(judged(server(150)), None)
    portal = make_portal(egress_networks=(egress.IPv4Network("127.0.1.0/25"),), instance_default=default)
    with portal.app_context():
        cast = plant(portal.extensions["portal.services"])
        spend(cast, server)

        assert delivered(cast)[0] is Code.REFUSED
        assert [tried(cast, server(number)) for number in range(1, 9)] == [Code.REFUSED] * 8
        with pytest.raises(DestinationsSpentError):
            ask(cast, server(210))
        db.engine.dispose()


def test_a_day_later_nothing_is_left_of_it_in_the_database(cast, server, clock):
    spend(cast, server)
    clock.forward(days=1)
    assert tried(cast, server(1)) is Code.REFUSED

    with unit_of_work(SYSTEM) as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM destinations").scalar() == 1
