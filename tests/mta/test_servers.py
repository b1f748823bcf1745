"""Mail through a real Exim and a real Haraka, neither of them installed: `make mta` unpacks them."""

import os
from pathlib import Path

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.mail_config import Mechanism
from tests.mta import exim, haraka
from tests.slow.standing import ADDRESS, DOORS, Story

ROOT = Path(__file__).resolve().parents[2]
STARTS = {
    "exim": (exim.running, ROOT / ".mta" / "exim"),
    "haraka": (haraka.running, ROOT / ".mta" / "haraka" / "node_modules"),
}

pytestmark = pytest.mark.mta


@pytest.fixture(scope="module", params=STARTS)
def server(request):
    start, folder = STARTS[request.param]
    if not folder.exists():
        pytest.skip(f"NOT TESTED HERE: {request.param} is not unpacked (make mta does that)")
    if request.param == "exim" and os.geteuid() != 0:
        pytest.skip("NOT TESTED HERE: Exim starts for root alone")
    with start(folder, ADDRESS) as server:
        yield server


@pytest.fixture
def app(make_portal, server):
    portal = make_portal(egress_ports=frozenset(server.ports.values()))
    with portal.app_context():
        yield portal


@pytest.fixture
def story(cast, services):
    return Story(cast, services)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("mechanism", [Mechanism.PLAIN, Mechanism.LOGIN], ids=str)
def test_every_way_of_signing_in_works_at_every_door(story, server, door, mechanism):
    before = len(server.kept())
    trial = story.tested(**server.typed(door), username=ADDRESS, mechanism=mechanism.value)

    assert trial.code is Code.OK, trial.transcript
    assert len(server.kept()) == before + 1


def test_a_wrong_password_is_called_that_after_one_attempt(story, server, app):
    trial = story.tested(**server.typed("tls"), username=ADDRESS, password="close but no")

    assert trial.code is Code.AUTH_REJECTED
    assert sum(line.startswith("C: AUTH") for line in trial.transcript) == 1
    with app.test_request_context():
        assert "user name or password" in story.said(trial)


def test_a_certificate_of_nobody_whom_we_know_is_called_that(story, server, app):
    trial = story.tested(**{**server.typed("tls"), "trust_kind": "system", "trust_pem": ""}, username=ADDRESS)

    assert trial.code is Code.TLS_UNTRUSTED
    with app.test_request_context():
        assert "nobody whom this configuration trusts" in story.said(trial)


def test_a_server_that_passes_nothing_on_for_strangers_is_called_that(story, server, app):
    trial = story.tested(**server.typed("tls"), signs_in=False)

    assert trial.code is Code.RECIPIENT_REJECTED
    with app.test_request_context():
        assert "passes mail on only for people whom it knows" in story.said(trial)


def test_a_run_of_mails_arrives_whole(story, server):
    before = len(server.kept())
    states = story.sent(*map(str, range(12)), **server.typed("starttls"), username=ADDRESS)

    assert states == {State.SENT}
    assert len(server.kept()) == before + 12
    assert sum(b"=46rom Sue" in text for text in server.kept()) == 12
