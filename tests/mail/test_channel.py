"""A channel waits for room and for bytes, but never beyond the moment it was given."""

import socket
import ssl
import time

import pytest

from portal.mail.channel import Channel
from portal.mail.deadlines import Timer


class Moody:
    """A socket that first refuses a few times, as a busy one does."""

    def __init__(self, link, *moods):
        self.link, self.moods = link, list(moods)

    def __getattr__(self, name):
        return getattr(self.link, name)

    def _or_mood(self, act):
        if self.moods:
            raise self.moods.pop(0)
        return act()

    def send(self, data):
        return self._or_mood(lambda: self.link.send(data))

    def recv(self, size):
        return self._or_mood(lambda: self.link.recv(size))


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def channel(link):
    return Channel(link, timer=Timer(5, clock=time.monotonic))


def soon():
    return time.monotonic() + 0.2


def test_what_finds_no_room_is_sent_when_there_is_some(ends):
    ours, theirs = ends
    theirs.sendall(b"x")  # so that a wait for something to read ends, too
    channel(Moody(ours, BlockingIOError(), ssl.SSLWantWriteError(), ssl.SSLWantReadError())).send(b"hello", by=soon())

    assert theirs.recv(9) == b"hello"


def test_a_peer_that_takes_nothing_is_given_up_in_time(ends):
    ours, _ = ends
    with pytest.raises(TimeoutError):
        channel(ours).send(b"x" * 50_000_000, by=soon())


def test_half_a_record_is_no_answer_yet(ends):
    ours, theirs = ends
    theirs.sendall(b"250 fine")

    assert channel(Moody(ours, ssl.SSLWantReadError())).receive(by=soon()) == b"250 fine"


def test_silence_ends_in_time(ends):
    with pytest.raises(TimeoutError):
        channel(ends[0]).receive(by=soon())


def test_looking_does_not_wait(ends):
    ours, theirs = ends
    here = channel(ours)

    assert here.receive_now() is None
    theirs.close()
    assert here.receive_now() == b""
