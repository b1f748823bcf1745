"""Connections rest between two mails, but not for long, and never for a configuration that has changed."""

import pytest

from portal.mail.pool import LONGEST_LIFE, LONGEST_REST, MOST, MOST_MAILS, MOST_PER_OWNER, Key, Pool

OFFICE = Key("office", 1)


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


class Resting:
    """As much of a session as the pool looks at."""

    def __init__(self, *, mails=1, opened_at=1_000.0, is_idle=True):
        self.mails, self.opened_at, self.is_idle = mails, opened_at, is_idle
        self.left = False

    def quit(self):
        self.left = True


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pool(clock):
    return Pool(clock)


def test_what_was_put_back_last_is_taken_first(pool):
    first, second = Resting(), Resting()
    pool.put(OFFICE, first)
    pool.put(OFFICE, second)

    assert pool.take(OFFICE) is second
    assert pool.take(OFFICE) is first
    assert pool.take(OFFICE) is None
    assert not any(each.left for each in (first, second))


def test_nobody_gets_the_connection_of_another_configuration(pool):
    pool.put(OFFICE, Resting())

    assert pool.take(Key("backup", 1)) is None


def test_a_changed_configuration_ends_its_old_connections(pool):
    old = Resting()
    pool.put(OFFICE, old)

    assert pool.take(Key("office", 2)) is None
    assert old.left


def test_a_connection_rests_only_so_long(pool, clock):
    resting = Resting()
    pool.put(OFFICE, resting)
    clock.now += LONGEST_REST
    pool.sweep()

    assert resting.left
    assert pool.take(OFFICE) is None


@pytest.mark.parametrize(
    "worn", [{"mails": MOST_MAILS}, {"opened_at": 1_000.0 - LONGEST_LIFE}, {"is_idle": False}], ids=str
)
def test_a_connection_that_is_worn_out_does_not_rest(pool, worn):
    resting = Resting(**worn)
    pool.put(OFFICE, resting)

    assert resting.left
    assert pool.take(OFFICE) is None


def test_only_so_many_rest_for_one_configuration(pool):
    resting = [Resting() for _ in range(MOST_PER_OWNER + 1)]
    for each in resting:
        pool.put(OFFICE, each)

    assert [each.left for each in resting] == [True, *[False] * MOST_PER_OWNER]


def test_only_so_many_rest_altogether(pool):
    resting = [Resting() for _ in range(MOST + 1)]
    for number, each in enumerate(resting):
        pool.put(Key(number, 1), each)

    assert [each.left for each in resting] == [True, *[False] * MOST]


def test_all_of_them_say_goodbye_at_the_end(pool):
    resting = [Resting(), Resting()]
    for each in resting:
        pool.put(OFFICE, each)
    pool.close()

    assert all(each.left for each in resting)


def test_a_server_that_wants_mail_by_mail_is_remembered_and_not_too_many_of_them(pool, monkeypatch):
    monkeypatch.setattr("portal.mail.pool._MOST_LEARNT", 2)
    for number in range(3):
        assert pool.announces(Key(number, 1))
        pool.learn_one_by_one(Key(number, 1))

    assert not pool.announces(Key(2, 1))
    assert pool.announces(Key(0, 1))
