"""Mail that leaves through a real Postfix: three doors, every kind of refusal, and what arrives behind it."""

import os
import re

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Status, Step
from portal.domain.ids import new_id
from portal.domain.outgoing import Mailbox, Outgoing
from portal.domain.secret import Secret
from portal.domain.trial import Verb
from tests import certificates
from tests.cast import typed_config
from tests.conftest import IN_CI
from tests.mail_server import GOOD_PASSWORD
from tests.postfix import CLOSED_DOMAIN, running
from tests.rfc2047 import codec_of, leaves_of, parameters_of, text_of

pytestmark = pytest.mark.slow

SAMPLES = {
    "utf-8": "Příliš žluťoučký kůň, 日本",
    "iso-8859-2": "Příliš žluťoučký kůň",
    "windows-1251": "Привет, Їжак „€“",
    "iso-2022-jp": "日本語のテスト。",
}


@pytest.fixture(scope="module")
def postfix(require, mail_server):
    program = require("postfix")
    if os.geteuid() != 0 and IN_CI:
        pytest.fail("Postfix starts for root alone, and CI skips nothing", pytrace=False)
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: Postfix starts for root alone")
    with running(program, relay_port=mail_server.plain_port) as server:
        yield server


@pytest.fixture
def app(make_portal, postfix):
    portal = make_portal(egress_ports=frozenset(postfix.ports.values()))
    with portal.app_context():
        yield portal


@pytest.fixture
def arrived(postfix, mail_server):
    """Every mail of this test that came out behind Postfix, asked for when Postfix holds nothing any more."""
    postfix.sign_ins.clear()

    def letters():
        postfix.wait_until_empty()
        return mail_server.letters

    return letters


@pytest.mark.parametrize("charset", SAMPLES)
@pytest.mark.parametrize("door", ["starttls", "tls"])
@pytest.mark.req("S1.17", "S1.18")
def test_sues_mail_leaves_encrypted_and_signed_in_through_pias_active_config_in_its_encoding(
    cast, postfix, arrived, door, charset
):
    cast.active_config(cast.pia, **postfix.typed(door), charset=charset, from_address="relay@pia.test")
    text = SAMPLES[charset]

    message_id = sent(cast.services, cast.sue, "cal@demo.test", subject=text, text=f"{text}\n")

    assert outcomes(cast.services, cast.sue, message_id) == {"cal@demo.test": (State.SENT, Code.OK)}
    [letter] = arrived()
    assert (letter.sender, letter.recipients) == ("relay@pia.test", ("cal@demo.test",))
    assert postfix.sign_ins == ["office@example.test"]
    trace, fields, octets = opened(letter.raw)
    assert " with ESMTPSA id " in trace  # RFC 3848: encrypted and signed in, in the words of Postfix
    assert parameters_of(fields["Content-Type"])["charset"].lower() == charset
    assert text_of(fields["Subject"]) == text
    assert codec_of(charset).decode(octets, "strict")[0].rstrip() == text


@pytest.mark.req("S1.15", "S1.16")
def test_random_strings_are_not_sent_where_no_sign_in_is_offered_and_the_mail_goes_all_the_same(
    services, cast, postfix, arrived
):
    door = postfix.typed("none")
    config = cast.active_config(cast.sue, **door, username="random string", password="another random string")

    message_id = sent(services, cast.sue, "cal@demo.test")

    assert outcomes(services, cast.sue, message_id) == {"cal@demo.test": (State.SENT, Code.OK)}
    assert "credentials-unused" in page(services, cast.sue, message_id).notes
    [letter] = arrived()
    assert " with ESMTP id " in opened(letter.raw)[0]

    trial = tried(services, cast.sue, config, Verb.CHECK)
    assert (trial.code, trial.notes) == (Code.OK, ("credentials-unused",))
    assert not any("AUTH" in line or "random" in line for line in trial.transcript)


@pytest.mark.parametrize("door", ["starttls", "tls"])
def test_a_wrong_password_is_tried_once_and_said_so(services, cast, postfix, arrived, door):
    config = cast.config(cast.sue, **postfix.typed(door), password="wrong horse")

    trial = tried(services, cast.sue, config, Verb.SEND)

    assert trial.code is Code.AUTH_REJECTED
    assert trial.findings[-1].step is Step.SIGN_IN
    assert postfix.sign_ins == ["office@example.test"]
    assert arrived() == []


def test_a_mail_waits_while_the_password_is_wrong_and_leaves_when_it_is_right(services, cast, postfix, arrived, clock):
    config = cast.active_config(cast.sue, **postfix.typed("starttls"), password="wrong horse")
    message_id = sent(services, cast.sue, "cal@demo.test")
    assert outcomes(services, cast.sue, message_id) == {"cal@demo.test": (State.DEFERRED, Code.AUTH_REJECTED)}
    assert (len(postfix.sign_ins), arrived()) == (1, [])

    mended = typed_config(**postfix.typed("starttls"))
    services.mail_configs.update(
        cast.sue, config.tenant_id, config.id, mended, password=Secret(GOOD_PASSWORD), version=config.version
    )
    clock.forward(minutes=15)
    deliver_what_is_due(services)

    assert outcomes(services, cast.sue, message_id) == {"cal@demo.test": (State.SENT, Code.OK)}
    assert len(arrived()) == 1


def test_a_config_that_encrypts_sends_nothing_where_encryption_is_not_offered(services, cast, postfix, arrived):
    config = cast.active_config(cast.sue, **{**postfix.typed("starttls"), "port": str(postfix.ports["none"])})

    message_id = sent(services, cast.sue, "cal@demo.test")
    trial = tried(services, cast.sue, config, Verb.SEND)

    assert outcomes(services, cast.sue, message_id) == {"cal@demo.test": (State.DEFERRED, Code.TLS_MISSING)}
    assert trial.code is Code.TLS_MISSING
    assert [finding.step for finding in trial.findings if finding.status is Status.FAILED] == [Step.ENCRYPT]
    assert not any(line.startswith(("C: AUTH", "C: MAIL")) for line in trial.transcript)
    assert arrived() == []


@pytest.mark.parametrize("door", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_ends_it_before_the_password(services, cast, postfix, arrived, door):
    stranger = certificates.authority_pem(certificates.stranger())
    config = cast.active_config(cast.sue, **{**postfix.typed(door), "trust_pem": stranger})

    message_id = sent(services, cast.sue, "cal@demo.test")
    trial = tried(services, cast.sue, config, Verb.SEND)

    assert outcomes(services, cast.sue, message_id) == {"cal@demo.test": (State.DEFERRED, Code.TLS_UNTRUSTED)}
    assert trial.code is Code.TLS_UNTRUSTED
    assert postfix.sign_ins == []
    assert arrived() == []


def test_a_config_that_does_not_sign_in_where_it_has_to_delivers_nothing(services, cast, postfix, arrived):
    cast.active_config(cast.sue, **postfix.typed("starttls"), signs_in=False)

    message_id = sent(services, cast.sue, "cal@demo.test")

    assert outcomes(services, cast.sue, message_id) == {"cal@demo.test": (State.FAILED, Code.RECIPIENT_REJECTED)}
    assert arrived() == []


def test_a_refused_recipient_does_not_keep_the_mail_from_the_other(services, cast, postfix, arrived):
    cast.active_config(cast.sue, **postfix.typed("starttls"))

    message_id = sent(services, cast.sue, f"nobody@{CLOSED_DOMAIN}", "cal@demo.test")

    assert outcomes(services, cast.sue, message_id) == {
        f"nobody@{CLOSED_DOMAIN}": (State.FAILED, Code.RECIPIENT_REJECTED),
        "cal@demo.test": (State.SENT, Code.OK),
    }
    assert [letter.recipients for letter in arrived()] == [("cal@demo.test",)]


@pytest.mark.parametrize("door", ["starttls", "tls", "none"])
def test_a_check_finds_all_well_and_delivers_nothing(services, cast, postfix, arrived, door):
    config = cast.config(cast.sue, **postfix.typed(door))

    trial = tried(services, cast.sue, config, Verb.CHECK)

    assert trial.code is Code.OK
    assert trial.findings[-1].step is Step.RECIPIENT
    assert arrived() == []


@pytest.mark.parametrize("door", ["starttls", "tls", "none"])
def test_a_test_mail_arrives_at_the_address_that_was_typed(services, cast, postfix, arrived, door):
    config = cast.config(cast.sue, **postfix.typed(door))

    trial = tried(services, cast.sue, config, Verb.SEND)

    assert trial.code is Code.OK
    assert [letter.recipients for letter in arrived()] == [("sue@demo.test",)]


def sent(services, person, *addresses, subject="Hello", text="Hello.\n"):
    """Queue a mail of the person's company and make one attempt at it."""
    to = tuple(map(Mailbox, addresses))
    content = Outgoing(subject=subject, text=text)
    message_id, _ = services.sending.send(tenant_id=person.tenant.id, to=to, content=content)
    deliver_what_is_due(services)
    return message_id


def deliver_what_is_due(services):
    worker = new_id()
    while claim := services.delivering.claim(worker):
        services.delivering.deliver(claim)


def page(services, person, message_id):
    return services.mail_log.show(person, person.tenant.id, message_id)


def outcomes(services, person, message_id):
    return {line.recipient: (line.state, line.code) for line in page(services, person, message_id).lines}


def tried(services, person, config, verb):
    """The trial of a saved configuration, performed."""
    wanted = services.trials.request_saved(person, config.tenant_id, config.id, verb=verb, recipient=person.email)
    assert services.trial_runs.claim(new_id()) == wanted
    services.trial_runs.perform(wanted)
    return services.trials.get(person, config.tenant_id, wanted)


def opened(raw):
    """The trace that Postfix put on top, unfolded; then the fields and the decoded octets of the mail as it was sent."""
    trace = re.match(rb"Received:.*\r\n(?:[ \t].*\r\n)*", raw)
    [(fields, octets)] = leaves_of(raw[trace.end() :])
    return " ".join(trace[0].decode().split()), fields, octets
