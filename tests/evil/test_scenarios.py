"""Whatever a server does, on both ways out: one outcome, in time, in little memory, and no secret goes astray."""

import time
import tracemalloc
from contextlib import contextmanager

import pytest

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.mail_config import Encryption
from portal.domain.trial import TrialState
from tests.evil.server import EvilServer
from tests.evil.table import SECRETS, scenarios
from tests.wire import PASSWORD

SLACK = 3.0  # seconds, for a machine with other things to do
MOST_MEMORY = 2 * 1024 * 1024
FORBIDDEN = {"AUTH", "MAIL", "RCPT", "DATA"}
CONTROLS = ("\x1b", "\\x1b", "\\x00", "\\x07", "\u202e", "\\u202e", "\ufffd")

pytestmark = [pytest.mark.evil, pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")]

every_scenario = pytest.mark.parametrize("scenario", scenarios(), ids=str)


@every_scenario
def test_a_test_mail_ends_as_the_table_says(scenario, portal, caplog):
    with meeting(scenario, portal) as (server, config):
        trial = portal.test(config, scenario.deadlines)

    assert trial.state is TrialState.DONE
    assert trial.code in scenario.codes
    assert scenario.note in {"", *trial.notes}
    assert_nothing_went_astray(scenario, portal, server, trial.code, told=f"{trial} {caplog.text}")


@every_scenario
def test_the_worker_ends_as_the_table_says(scenario, portal, caplog):
    with meeting(scenario, portal) as (server, config):
        page = portal.work(config, scenario.deadlines)

    (line,), (attempt,) = page.lines, page.attempts
    assert line.code in scenario.codes
    assert attempt.code is line.code
    assert (line.state is State.SENT) == (line.code is Code.OK)
    assert (line.state is State.UNCERTAIN) == (line.code is Code.UNKNOWN)
    assert scenario.note in {"", *page.notes}
    assert_nothing_went_astray(scenario, portal, server, line.code, told=f"{page} {caplog.text}")


@contextmanager
def meeting(scenario, portal):
    """The server of a scenario and Rex's configuration for it; leaving measures how long it took, and how much."""
    first = scenario.mode is Encryption.TLS if scenario.speaks_tls_first is None else scenario.speaks_tls_first
    with EvilServer(dict(scenario.script), scenario.shows(), first, scenario.extensions) as server:
        config = portal.configured(
            server.port, scenario.mode.value, cleartext_consent=scenario.consents, **scenario.typed()
        )
        if not scenario.listens:
            server.stop_listening()
        with within(scenario.deadlines.session + SLACK), small_memory(watched=scenario.floods):
            yield server, config


@contextmanager
def within(seconds):
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@contextmanager
def small_memory(*, watched):
    """Counts only where somebody floods: counting makes everything slower."""
    if not watched:
        yield
        return
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] <= MOST_MEMORY
    finally:
        tracemalloc.stop()


def assert_nothing_went_astray(scenario, portal, server, code, *, told):
    assert_credentials_stayed_safe(scenario, server)
    assert not holds_a_secret(told.encode() + portal.stored())
    assert not any(control in told for control in CONTROLS)
    if code is Code.OK:
        assert len(server.messages) == 1
    elif code is not Code.UNKNOWN and not scenario.refuses_after_the_dot:
        assert server.messages == []


def assert_credentials_stayed_safe(scenario, server):
    if not scenario.is_believed:
        assert not holds_a_secret(server.everything())
        assert not FORBIDDEN & set(server.verbs())
    if scenario.mode is not Encryption.NONE:
        assert not holds_a_secret(server.everything(encrypted=False))
        assert not FORBIDDEN & set(server.in_clear())


def holds_a_secret(data):
    data = data.lower()
    return any(secret.lower() in data for secret in (*SECRETS, PASSWORD[:12].encode()))
