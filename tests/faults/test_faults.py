"""The promise of the README, kept while processes die: never lost, never twice in silence."""

import pytest

from tests.faults import storm

pytestmark = pytest.mark.slow

# What is promised of the recovery is a second; what is asserted is three times that.
_RECOVERED_WITHIN = 3000


@pytest.fixture
def raging(tmp_path):
    with storm.raging(tmp_path) as raging:
        yield raging


def test_a_hundred_kills_lose_nothing_and_repeat_nothing_in_silence(raging, capsys):
    outcome = storm.kill(raging, 100)
    with capsys.disabled():
        print(f"\n{outcome.line()}\n{outcome.recovery}")  # noqa: T201 - the figures are the point

    assert outcome.is_kept, outcome
    assert outcome.mails > 100
    assert max(outcome.recoveries) <= _RECOVERED_WITHIN


def test_twenty_restarts_under_load_leave_nothing_uncertain(raging):
    outcome = storm.restart(raging, 20)

    assert outcome.is_kept, outcome
    assert outcome.flagged == 0
    assert raging.uncertain() == 0


def test_a_process_that_was_stopped_for_a_while_delivers_no_second_copy(raging):
    outcome = storm.stop_and_continue(raging, 3, seconds=1)

    assert outcome.is_kept, outcome
    assert outcome.flagged == 0


def test_mail_of_others_does_not_wait_behind_a_server_that_says_nothing(tmp_path):
    with storm.raging(tmp_path, processes=0) as calm:
        delays = storm.tarpit(calm, 200, probes=20)

    assert max(delays.beside) <= 3000  # some milliseconds are usual
