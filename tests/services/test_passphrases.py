"""However many people sign in at once, hashing takes only so much at a time."""

import threading
import time

import pytest

from portal.domain.secret import Secret
from portal.services.passphrases import MOST_AT_ONCE, Passphrases


class Watching:
    """Stands where the hashing is done, and knows how many were at it at the same time."""

    def __init__(self):
        self.now = self.most = 0
        self.lock = threading.Lock()

    def _work(self, *_arguments):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= 1
        return True

    hash = verify = dummy_verify = needs_update = _work


@pytest.mark.asvs("15.2.2")
def test_no_more_than_a_few_passwords_are_hashed_at_the_same_time():
    watching, secret = Watching(), Secret("correct horse battery")
    passphrases = Passphrases(watching)
    ways = (
        lambda: passphrases.hashed(secret),
        lambda: passphrases.matches(secret, "a hash"),
        lambda: passphrases.matches(secret, None),
    )
    threads = [threading.Thread(target=ways[number % 3]) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert watching.most == MOST_AT_ONCE
    assert watching.now == 0
