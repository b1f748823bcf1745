import pytest

from portal.mail.deadlines import Timer


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_moment_is_never_after_the_end_of_the_session():
    clock = Clock()
    timer = Timer(10, clock=clock)

    assert timer.moment_in(3) == 103
    assert timer.moment_in(60) == 110
    clock.now = 109
    assert timer.moment_in(3) == 110
    assert timer.left_until(110) == 1


def test_a_moment_that_has_come_has_passed():
    clock = Clock()
    timer = Timer(10, clock=clock)
    clock.now = 110
    with pytest.raises(TimeoutError):
        timer.left_until(timer.moment_in(3))
