"""Mail through a real Postfix at which a real Dovecot decides who may send."""

import os

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Mechanism
from tests import dovecot, postfix
from tests.conftest import IN_CI
from tests.slow.standing import ADDRESS, DOORS, Story

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(require, mail_server):
    programs = require("postfix"), require("dovecot")
    if os.geteuid() != 0 and IN_CI:
        pytest.fail("Postfix and Dovecot start for root alone, and CI skips nothing", pytrace=False)
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: Postfix and Dovecot start for root alone")
    with (
        dovecot.answering(programs[1], ADDRESS) as port,
        postfix.running(programs[0], relay_port=mail_server.plain_port, sign_in_port=port) as server,
    ):
        yield server


@pytest.fixture
def app(make_portal, server):
    portal = make_portal(egress_ports=frozenset(server.ports.values()))
    with portal.app_context():
        yield portal


@pytest.fixture
def story(cast, services):
    return Story(cast, services)


@pytest.mark.req("S1.18", "S3.15", "S4.17")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "mechanism", [Mechanism.AUTO, Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN], ids=str
)
def test_every_way_of_signing_in_works_at_every_door(story, server, mail_server, door, mechanism):
    trial = story.tested(**server.typed(door), username=ADDRESS, mechanism=mechanism.value)
    server.wait_until_empty()

    assert trial.code is Code.OK, trial.transcript
    used = next(finding.values["mechanism"] for finding in trial.findings if finding.step is Step.SIGN_IN)
    assert used == ("SCRAM-SHA-256" if mechanism is Mechanism.AUTO else mechanism.value.upper())
    assert len(mail_server.letters) == 1


@pytest.mark.parametrize("mechanism", [Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN], ids=str)
def test_a_wrong_password_is_called_that_after_one_attempt(story, server, app, mechanism):
    trial = story.tested(**server.typed("tls"), username=ADDRESS, mechanism=mechanism.value, password="close but no")

    assert trial.code is Code.AUTH_REJECTED
    assert sum("AUTH" in line for line in trial.transcript if line.startswith("C:")) == 1
    with app.test_request_context():
        assert "user name or password" in story.said(trial)


def test_a_certificate_of_nobody_whom_we_know_is_called_that(story, server, app):
    strange = {**server.typed("tls"), "trust_kind": "system", "trust_pem": ""}
    trial = story.tested(**strange, username=ADDRESS)

    assert trial.code is Code.TLS_UNTRUSTED
    with app.test_request_context():
        assert "nobody whom this configuration trusts" in story.said(trial)


def test_a_server_that_passes_nothing_on_for_strangers_is_called_that(story, server, app):
    trial = story.tested(**server.typed("tls"), signs_in=False)

    assert trial.code is Code.RECIPIENT_REJECTED
    with app.test_request_context():
        assert "passes mail on only for people whom it knows" in story.said(trial)


def test_a_run_of_mails_arrives_whole_over_one_connection(story, server, mail_server):
    mail_server.clear()
    states = story.sent(*map(str, range(12)), **server.typed("starttls"), username=ADDRESS)
    server.wait_until_empty()

    assert states == {State.SENT}
    assert sorted(letter.message["Subject"] for letter in mail_server.letters) == sorted(map(str, range(12)))
