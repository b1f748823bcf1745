"""What a process has loaded at its start is not looked through again by the collector; what comes later is."""

import gc

import pytest

from portal.worker.settling import settle


@pytest.fixture
def frozen():
    """How many objects were settled before."""
    yield gc.get_freeze_count()
    gc.unfreeze()


def test_what_is_there_is_settled_and_what_is_thrown_away_before_is_not_kept(frozen):
    class Thing:
        count = 0

        def __init__(self):
            self.itself = self

        def __del__(self):
            Thing.count += 1

    Thing()
    settle()

    assert gc.get_freeze_count() > frozen + 10_000
    assert Thing.count == 1
    Thing()
    gc.collect()
    assert Thing.count == 2
