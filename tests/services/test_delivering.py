"""From the outbox to a real mail server, and what happens when that does not go smoothly."""

from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.charset import CODECS
from portal.domain.config_rules import judged
from portal.domain.delivery import State
from portal.domain.errors import InvalidError, NotFoundError
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.precedence import Source
from portal.domain.samples import sample_of
from portal.domain.secret import Secret
from portal.settings import InstanceDefault
from portal.store import outbox
from portal.store.db import SYSTEM, reading, unit_of_work
from tests.cast import plant, typed_config
from tests.mail_server import GOOD_PASSWORD
from tests.work import OWNER, deliver_all

HELLO = Outgoing("Hello", "A line.\n")
TO_CAL = (Mailbox("cal@demo.test", "Cal"),)


def send(cast, content=HELLO, to=TO_CAL, person=None, **options):
    tenant = (person or cast.sue).tenant
    return cast.services.sending.send(tenant_id=tenant.id, to=to, content=content, **options)[0]


def log(cast, message_id, person=None):
    actor = person or cast.sue
    return cast.services.mail_log.show(actor, actor.tenant.id, message_id)


def state(cast, message_id):
    return [line.state for line in log(cast, message_id).lines]


@pytest.mark.req("S1.17", "S1.18")
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-2", "windows-1251", "iso-2022-jp"])
@pytest.mark.parametrize("door", ["starttls", "tls", "none"])
def test_a_mail_arrives_in_the_configured_encoding_over_the_configured_encryption(cast, mail_server, door, charset):
    sample = sample_of(charset)
    cast.active_config(cast.sue, **mail_server.typed(door), charset=charset, from_name=sample[:9])
    message_id = send(cast, Outgoing(sample, sample + "\n", f"<p>{sample}</p>"))
    deliver_all(cast.services)

    letter = mail_server.letters[0]
    assert (letter.encrypted, letter.charset) == (door != "none", charset)
    assert (letter.subject, letter.text.strip()) == (sample, sample)
    assert letter.message["From"].addresses[0].display_name == sample[:9].strip()
    assert letter.sender == "office@example.test"
    assert state(cast, message_id) == [State.SENT]


def test_every_encoding_on_offer_survives_a_real_server(cast, mail_server):
    for number, charset in enumerate(CODECS):
        sample = sample_of(charset)
        cast.active_config(cast.sue, **mail_server.typed("none"), name=f"c{number}", charset=charset)
        send(cast, Outgoing(sample, sample + "\n"))
        deliver_all(cast.services)

        assert (mail_server.letters[-1].subject, mail_server.letters[-1].text.strip()) == (sample, sample), charset


def test_a_mail_is_resolved_when_it_is_sent_not_when_it_is_queued(cast, services, mail_server):
    message_id = send(cast)
    deliver_all(services)
    assert state(cast, message_id) == [State.HELD]

    cast.active_config(cast.pia, **mail_server.typed("tls"))
    deliver_all(services)
    assert state(cast, message_id) == [State.SENT]
    assert log(cast, message_id).trace[-1].source is Source.PROVIDER_DEFAULT


def test_a_config_that_cannot_send_keeps_the_question(cast, services, mail_server, clock):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    cast.active_config(cast.sue, **mail_server.typed("starttls"), password="wrong")
    message_id = send(cast)
    deliver_all(services)

    assert state(cast, message_id) == [State.DEFERRED]
    assert log(cast, message_id).lines[0].code == "auth.rejected"
    assert not [letter for letter in mail_server.letters if "cal@demo.test" in letter.recipients]


def test_a_named_configuration_goes_first_but_only_ones_own(cast, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    named = cast.config(cast.sue, name="Named", from_address="named@example.test", **mail_server.typed("starttls"))
    send(cast, config_id=named.id)
    deliver_all(cast.services)
    assert mail_server.letters[0].sender == "named@example.test"

    foreign = cast.config(cast.otto)
    with pytest.raises(NotFoundError):
        send(cast, config_id=foreign.id)


def test_the_instance_default_is_the_last_resort(make_portal, mail_server):

    draft = judged(typed_config(**mail_server.typed("none"), from_address="last@example.test"))
    app = make_portal(instance_default=InstanceDefault(draft, None))
    with app.app_context():
        cast = plant(app.extensions["portal.services"])
        message_id = send(cast, person=cast.pia)
        deliver_all(cast.services)

        assert mail_server.letters[0].sender == "last@example.test"
        assert log(cast, message_id, cast.pia).trace[-1].source is Source.INSTANCE


def test_a_dead_server_means_another_try_later(cast, services, clock, mail_server):
    cast.active_config(cast.sue, **{**mail_server.typed("none"), "port": str(mail_server.closed_port)})
    message_id = send(cast)
    deliver_all(services)
    line = log(cast, message_id).lines[0]

    assert (line.state, line.code) == (State.DEFERRED, "net.refused")
    assert line.next_at > clock()


def test_a_mail_whose_time_is_over_ends(cast, services, clock):
    message_id = send(cast)
    deliver_all(services)
    clock.forward(days=6)
    services.delivering.sweep()

    assert state(cast, message_id) == [State.EXPIRED]


def test_mail_of_a_suspended_branch_waits_and_goes_on_afterwards(cast, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    services.tenants.suspend(cast.pia, cast.rex.tenant.id)
    message_id = send(cast)
    deliver_all(services)
    assert (state(cast, message_id), mail_server.letters) == ([State.HELD], [])

    services.tenants.resume(cast.pia, cast.rex.tenant.id)
    deliver_all(services)
    assert state(cast, message_id) == [State.SENT]


def test_a_route_that_changes_while_the_mail_is_under_way_lets_go_of_it(cast, services, mail_server):
    """The fence asks once more, after the body and before the dot."""
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    claimed = services.delivering.claim(OWNER)
    job = services.delivering.preparation.prepare(claimed)
    services.mail_configs.select(cast.sue, cast.sue.tenant.id, None)

    assert services.delivering._pass_fence(job, ("cal@demo.test",)) is False
    services.delivering._settle(job, services.delivering._transmit(job))
    assert mail_server.letters == []
    assert state(cast, message_id) == [State.QUEUED]


def test_what_an_earlier_run_had_in_hand_is_taken_up_again(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    services.delivering.claim(uuid4())
    services.delivering.recover(OWNER)

    assert state(cast, message_id) == [State.DEFERRED]


def test_what_somebody_still_has_in_hand_is_left_to_him(cast, services, mail_server):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    services.delivering.claim(OWNER)
    services.delivering.recover(uuid4(), OWNER)
    assert state(cast, message_id) == [State.SENDING]

    services.delivering.recover()
    assert state(cast, message_id) == [State.DEFERRED]


def test_a_new_start_asks_again_for_what_is_held_but_hurries_nothing_else(cast, services, mail_server):
    """The operator may have named an instance default meanwhile."""
    cast.active_config(cast.otto, **{**mail_server.typed("none"), "port": str(mail_server.closed_port)})
    held, deferred = send(cast), send(cast, person=cast.otto)
    deliver_all(services)
    before = log(cast, deferred, cast.otto).lines
    assert (state(cast, held), before[0].state) == ([State.HELD], State.DEFERRED)

    services.delivering.wake()
    assert state(cast, held) == [State.QUEUED]
    assert log(cast, deferred, cast.otto).lines == before


def test_deleting_the_configuration_that_could_not_carry_a_mail_lets_it_go_on(cast, services, mail_server):
    cast.active_config(cast.pia, **mail_server.typed("tls"))
    message_id = send(cast, Outgoing("Grüße", "Grüße\n"))
    strict = cast.active_config(cast.sue, **mail_server.typed("tls"), charset="us-ascii", misfit="strict")
    deliver_all(services)
    assert state(cast, message_id) == [State.HELD]

    services.mail_configs.delete(cast.sue, strict.tenant_id, strict.id)
    deliver_all(services)
    assert state(cast, message_id) == [State.SENT]


def test_a_mail_that_was_let_go_says_nothing_about_the_configuration(cast, services, mail_server):
    config = cast.active_config(cast.sue, **mail_server.typed("tls"))
    send(cast)
    job = services.delivering.preparation.prepare(services.delivering.claim(OWNER))
    services.mail_configs.select(cast.sue, cast.sue.tenant.id, None)
    services.delivering._settle(job, services.delivering._transmit(job))

    assert services.mail_configs.get(cast.sue, config.tenant_id, config.id).last_code is None


def test_past_the_fence_nobody_knows_and_it_says_so(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    dead = uuid4()
    job = services.delivering.preparation.prepare(services.delivering.claim(dead))
    services.delivering._pass_fence(job, ("cal@demo.test",))
    services.delivering.recover(OWNER)
    assert state(cast, message_id) == [State.UNCERTAIN]

    clock.forward(minutes=16)
    services.delivering.sweep()
    deliver_all(services)
    assert state(cast, message_id) == [State.SENT]
    assert mail_server.letters[0].raw == job.written.content


def test_after_an_uncertain_outcome_another_configuration_does_not_repeat_the_mail(cast, services, mail_server, clock):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    dead = uuid4()
    job = services.delivering.preparation.prepare(services.delivering.claim(dead))
    services.delivering._pass_fence(job, ("cal@demo.test",))
    services.delivering.recover(OWNER)
    cast.active_config(cast.sue, name="Another", **mail_server.typed("starttls"))
    clock.forward(minutes=16)
    services.delivering.sweep()
    deliver_all(services)

    assert (state(cast, message_id), mail_server.letters) == ([State.HELD], [])


@pytest.mark.parametrize("without", ["routing", "passwords"])
def test_a_bug_ends_in_quarantine_not_in_a_loop(cast, services, mail_server, clock, without):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast)
    broken = replace(services.delivering, claiming=replace(services.delivering.claiming, **{without: None}))
    for _ in range(3):
        with pytest.raises(AttributeError):
            deliver_all(SimpleNamespace(delivering=broken))
        assert deliver_all(SimpleNamespace(delivering=broken)) is None
        clock.forward(minutes=1)

    assert state(cast, message_id) == [State.QUARANTINED]


def test_the_content_is_sealed_while_it_waits_and_gone_when_it_arrived(cast, services, mail_server, tmp_path):
    cast.active_config(cast.sue, **mail_server.typed("tls"))
    message_id = send(cast, Outgoing("Hello", "canary-9023\n"))
    assert not any(b"canary" in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

    deliver_all(services)
    assert "canary" in mail_server.letters[0].text
    with reading(SYSTEM) as session:
        row = outbox.get_row(session, message_id)
        assert (row.content, row.sealed_bytes) == (None, None)


def test_queued_means_committed_together_with_its_cause(cast, services):

    with pytest.raises(RuntimeError, match="cause"), unit_of_work(SYSTEM):
        send(cast)
        raise RuntimeError("cause")
    assert services.mail_log.page(cast.sue, cast.sue.tenant.id) == []


@pytest.mark.parametrize(
    "to",
    [(), (Mailbox("a@b, c@d"),), (Mailbox("x\r\ny@demo.test"),), tuple(Mailbox(f"a{n}@demo.test") for n in range(101))],
)
def test_recipients_are_judged_before_anything_is_queued(cast, to):
    with pytest.raises(InvalidError):
        send(cast, to=to)


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        (("pia",), (Source.PROVIDER_DEFAULT, "Rex Hosting")),
        (("rex", "pia"), (Source.PROVIDER_DEFAULT, "Rex Hosting")),
        (("sue", "rex", "pia"), (Source.TENANT, "Sue & Partners")),
    ],
)
def test_the_nearest_active_configuration_upwards_is_used_and_only_the_parent_is_named(cast, mail_server, chosen, seen):
    for name in chosen:
        sender = f"{name}@example.test"
        cast.active_config(getattr(cast, name), name=name, from_address=sender, **mail_server.typed("none"))
    message_id = send(cast)
    deliver_all(cast.services)

    assert mail_server.letters[0].sender == f"{chosen[0]}@example.test"
    taken = log(cast, message_id).trace[-1]
    assert (taken.source, taken.place, taken.reason) == (*seen, None)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(choices=st.lists(st.booleans(), min_size=4, max_size=4))
def test_over_every_combination_of_active_configurations_the_answer_is_the_nearest(cast, services, choices):
    people = (cast.cals_company, cast.sue.tenant, cast.rex.tenant, cast.pia.tenant)
    configs = {}
    for tenant, is_active in zip(people, choices, strict=True):
        lines = services.mail_configs.overview(cast.pia, tenant.id).lines
        config = lines[0].config if lines else cast.config(cast.pia, tenant=tenant)
        configs[tenant.id] = config.id
        services.mail_configs.select(cast.pia, tenant.id, config.id if is_active else None)

    _, resolution = services.sending.send(tenant_id=cast.cals_company.id, to=TO_CAL, content=HELLO)

    expected = next((configs[t.id] for t, is_active in zip(people, choices, strict=True) if is_active), None)
    assert (resolution.choice.config_id if resolution.choice else None) == expected


def test_many_mails_do_not_make_many_wrong_sign_ins(cast, services, mail_server, clock):
    """A refused password is tried by one mail every quarter of an hour; the others wait for it, and none is lost."""
    cast.active_config(cast.sue, **mail_server.typed("tls"), password="close but no")
    messages = [send(cast) for _ in range(80)]
    for _ in range(4):
        deliver_all(services)
        clock.forward(minutes=15)

    assert 1 <= len(mail_server.sign_ins) <= 4
    assert {each for message_id in messages for each in state(cast, message_id)} == {State.DEFERRED}


def test_a_corrected_password_is_tried_at_once(cast, services, mail_server):
    config = cast.active_config(cast.sue, **mail_server.typed("tls"), password="close but no")
    waiting = [send(cast) for _ in range(3)]
    deliver_all(services)
    services.mail_configs.update(
        cast.sue,
        cast.sue.tenant.id,
        config.id,
        typed_config(**mail_server.typed("tls")),
        password=Secret(GOOD_PASSWORD),
        version=config.version,
    )
    deliver_all(services)

    assert [state(cast, each) for each in waiting] == [[State.SENT]] * 3
