"""A configuration that fails is paused, its people are told once, and once more when it works again."""

from datetime import timedelta

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.explanation import Question
from portal.domain.health import MOST_FAILURES, Change, Health
from portal.domain.outgoing import Mailbox, Outgoing, Purpose
from portal.domain.precedence import Reason
from portal.domain.roles import Role
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from tests.cast import typed_config
from tests.mail_server import GOOD_PASSWORD
from tests.work import deliver_all, run_trials

TO_CAL = (Mailbox("cal@demo.test", "Cal"),)


@pytest.fixture
def above(cast, mail_server):
    """What Sue's alerts go through: the company above works."""
    return cast.active_config(cast.rex, from_address="rex@rex.example", **mail_server.typed("none"))


def unreachable(mail_server):
    return {**mail_server.typed("none"), "port": str(mail_server.closed_port)}


def send(cast, **options):
    message_id, _ = cast.services.sending.send(
        tenant_id=cast.sue.tenant.id, to=TO_CAL, content=Outgoing("Hello", "A line."), **options
    )
    return message_id


def line(cast, message_id):
    return cast.services.mail_log.show(cast.sue, cast.sue.tenant.id, message_id).lines[0]


def subjects(mail_server):
    return [letter.subject for letter in mail_server.letters]


def mend(cast, config, mail_server):
    services = cast.services
    services.mail_configs.update(
        cast.sue,
        cast.sue.tenant.id,
        config.id,
        typed_config(**mail_server.typed("tls")),
        password=Secret(GOOD_PASSWORD),
        version=services.mail_configs.get(cast.sue, cast.sue.tenant.id, config.id).version,
    )


@pytest.mark.asvs("16.5.2")
@pytest.mark.req("S4.1", "S4.2")
def test_five_failures_in_a_row_tell_its_people_once_and_the_recovery_once_more(
    cast, services, mail_server, clock, above
):
    config = cast.active_config(cast.sue, name="Office relay", **unreachable(mail_server))
    messages = [send(cast) for _ in range(2)]
    for _ in range(12):
        deliver_all(services)
        clock.forward(minutes=20)
    assert subjects(mail_server) == ["“Office relay” does not work: its mail waits"]
    alert = mail_server.letters[0]
    assert (alert.sender, alert.recipients) == ("rex@rex.example", ("sue@demo.test",))
    assert f"http://portal.test/t/{cast.sue.tenant.id}/mail-configs?select={config.id}" in alert.text
    assert alert.message["Auto-Submitted"] == "auto-generated"

    mail_server.clear()
    mend(cast, config, mail_server)
    deliver_all(services)
    deliver_all(services)
    assert sorted(subjects(mail_server)) == ["Hello", "Hello", "“Office relay” works again"]
    assert {line(cast, each).state for each in messages} == {State.SENT}


@pytest.mark.req("S4.2")
def test_a_refused_password_pauses_at_once_and_its_owners_and_staff_are_told(cast, services, mail_server, above):
    for role, name in ((Role.STAFF, "staff"), (Role.CUSTOMER, "customer")):
        services.accounts.add(
            cast.sue.tenant.id, email=f"{name}@demo.test", name=name, role=role, password=Secret("a long enough one")
        )
    services.accounts.add(cast.sue.tenant.id, email="new@demo.test", name="New", role=Role.OWNER, password=None)
    cast.active_config(cast.sue, password="close but no", **mail_server.typed("tls"))
    send(cast)
    deliver_all(services)

    assert sorted(each for letter in mail_server.letters for each in letter.recipients) == [
        "staff@demo.test",
        "sue@demo.test",
    ]
    assert "The server refuses the password." in mail_server.letters[0].text


def test_the_alert_goes_as_if_the_configuration_were_not_there_and_says_so(cast, services, mail_server, above):
    cast.active_config(cast.sue, password="close but no", **mail_server.typed("tls"))
    send(cast)
    deliver_all(services)
    alert = next(
        each for each in services.mail_log.page(cast.sue, cast.sue.tenant.id) if each.purpose == Purpose.ALERT.value
    )
    trace = services.mail_log.show(cast.sue, cast.sue.tenant.id, alert.message_id).trace

    assert [rung.reason for rung in trace if rung.place == "Sue & Partners"] == [Reason.ITS_SUBJECT]
    assert alert.state is State.SENT


def test_without_another_way_the_alert_is_held_and_nothing_goes_in_circles(cast, services, mail_server, clock):
    cast.active_config(cast.sue, password="close but no", **mail_server.typed("tls"))
    send(cast)
    for _ in range(6):
        deliver_all(services)
        clock.forward(minutes=20)
    lines = services.mail_log.page(cast.sue, cast.sue.tenant.id)

    assert [(each.purpose, each.state) for each in lines if each.purpose != "message"] == [("alert", State.HELD)]


def test_whoever_inherits_is_not_told_but_his_mail_waits(cast, services, mail_server):
    cast.active_config(cast.pia, from_address="pia@pia.example", **mail_server.typed("none"))
    cast.active_config(cast.rex, password="close but no", **mail_server.typed("tls"))
    message_id = send(cast)
    deliver_all(services)

    assert line(cast, message_id).state is State.DEFERRED
    assert [letter.recipients for letter in mail_server.letters] == [("rex@demo.test",)]


def test_while_it_is_paused_one_mail_tries_and_the_others_lose_no_attempt(cast, services, mail_server, clock, above):
    cast.active_config(cast.sue, **unreachable(mail_server))
    first = send(cast)
    for _ in range(MOST_FAILURES):
        deliver_all(services)
        clock.forward(hours=4)
    others = [send(cast) for _ in range(3)]
    deliver_all(services)
    shown = [services.mail_log.show(cast.sue, cast.sue.tenant.id, each) for each in (first, *others)]

    assert sum(len(each.attempts) for each in shown) == MOST_FAILURES + 1
    assert {each.lines[0].state for each in shown} == {State.DEFERRED}
    assert {each.lines[0].code for each in shown} == {Code.REFUSED}


def test_a_good_test_ends_the_pause_and_a_bad_one_begins_none(cast, services, mail_server, above):
    config = cast.active_config(cast.sue, password="close but no", **mail_server.typed("tls"))
    services.trials.request_saved(cast.sue, cast.sue.tenant.id, config.id, verb=Verb.CHECK, recipient="sue@demo.test")
    run_trials(services)
    assert services.mail_configs.get(cast.sue, cast.sue.tenant.id, config.id).paused_until is None
    assert mail_server.letters == []

    message_id = send(cast)
    deliver_all(services)
    assert services.mail_configs.get(cast.sue, cast.sue.tenant.id, config.id).paused_until is not None
    services.mail_passwords.change(cast.sue, cast.sue.tenant.id, config.id, password=Secret(GOOD_PASSWORD))
    assert services.mail_configs.get(cast.sue, cast.sue.tenant.id, config.id).paused_until is None
    services.trials.request_saved(cast.sue, cast.sue.tenant.id, config.id, verb=Verb.CHECK, recipient="sue@demo.test")
    run_trials(services)
    deliver_all(services)
    deliver_all(services)

    assert line(cast, message_id).state is State.SENT
    assert any(each.endswith("works again") for each in subjects(mail_server))


def test_explain_says_that_the_mail_waits(cast, services, mail_server, above):
    cast.active_config(cast.sue, password="close but no", **mail_server.typed("tls"))
    send(cast)
    deliver_all(services)

    told = services.explanations.explain(cast.sue, cast.sue.tenant.id, Question())
    assert told.obstacle is Code.AUTH_REJECTED


@pytest.mark.parametrize(
    ("codes", "failures", "wait"),
    [
        ([Code.REFUSED] * 4, 4, None),
        ([Code.REFUSED] * 5, 5, timedelta(seconds=30)),
        ([Code.TIMEOUT, Code.NAME, Code.LOST, Code.TLS_FAILED, Code.GARBAGE], 5, timedelta(seconds=30)),
        ([Code.REFUSED] * 6, 6, timedelta(minutes=1)),
        ([Code.REFUSED] * 9, 9, timedelta(minutes=8)),
        ([Code.REFUSED] * 60, 60, timedelta(minutes=15)),
        ([*[Code.REFUSED] * 4, Code.RECIPIENT_REJECTED, Code.REFUSED], 1, None),
        ([*[Code.REFUSED] * 4, Code.BUSY, Code.UNKNOWN, Code.INTERNAL, Code.REFUSED], 5, timedelta(seconds=30)),
        ([Code.AUTH_REJECTED], 0, timedelta(minutes=15)),
    ],
)
def test_the_waits_are_half_a_minute_and_then_twice_as_long_up_to_a_quarter_of_an_hour(clock, codes, failures, wait):
    health = Health()
    for code in codes:
        health, _ = health.after(code, clock())

    assert health.failures == failures
    assert health.paused_until == (clock() + wait if wait else None)


def test_there_is_one_alert_and_one_all_clear_however_long_it_fails(clock):
    health, changes = Health(), []
    for code in [*[Code.REFUSED] * 7, Code.AUTH_REJECTED, Code.REFUSED, Code.OK, Code.OK]:
        health, change = health.after(code, clock())
        changes.append(change)

    assert [change for change in changes if change] == [Change.FAILED, Change.RECOVERED]
