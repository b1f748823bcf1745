"""When the end begins, a step is out of time, but for the wait for what only the server knows."""

import pytest

from portal.mail.deadlines import Timer
from portal.mail.ending import GRACE, Ending


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_nothing_is_cut_short_before_the_end_begins_and_after_it_is_over(clock):
    ending = Ending(clock)
    timer = Timer(600, clock=clock, bound=ending)
    assert timer.left_until(700) == 600
    ending.begin()
    assert ending.has_begun()
    with pytest.raises(TimeoutError):
        timer.left_until(700)
    ending.is_over()
    assert timer.left_until(700) == 600


def test_whoever_waits_for_an_answer_has_a_minute_from_when_the_end_began(clock):
    ending = Ending(clock)
    timer = Timer(600, clock=clock, bound=ending)
    timer.patience = GRACE
    ending.begin()
    clock.now = 130
    assert timer.left_until(700) == 30
    assert timer.left_until(140) == 10
    clock.now = 160
    with pytest.raises(TimeoutError):
        timer.left_until(700)
