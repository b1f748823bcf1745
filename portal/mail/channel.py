"""Knows one TCP connection, in clear or encrypted: bytes out and in, each by a given moment."""

import math
import select
import socket
import ssl
from collections.abc import Mapping

from portal.domain.mail_config import Destination
from portal.mail import tls
from portal.mail.deadlines import Timer

# A whole TLS record (RFC 8446 §5.1): nothing that is decrypted stays where no system call would tell of it.
_CHUNK = 16 * 1024
_LOOK = 0.25  # seconds between two looks at whether there is still time: it may be cut short


class Channel:
    """Whatever goes wrong is an OSError; a moment that passes is a TimeoutError."""

    def __init__(self, link: socket.socket, *, timer: Timer) -> None:
        link.setblocking(False)
        self._link = link
        self._timer = timer

    def send(self, data: bytes | memoryview, *, by: float) -> None:
        rest = memoryview(data)
        while rest:
            self._timer.left_until(by)
            try:
                rest = rest[self._link.send(rest) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(select.POLLOUT, by=by)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN, by=by)

    def receive(self, *, by: float) -> bytes:
        """Wait for some bytes; none means that the peer has closed."""
        while True:
            self._wait(select.POLLIN, by=by)
            data = self.receive_now()
            if data is not None:
                return data

    def receive_now(self) -> bytes | None:
        """What has arrived already, without waiting: None for nothing, no bytes when the peer has closed."""
        try:
            return self._link.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def secure(self, destination: Destination, *, by: float) -> Mapping[str, str]:
        """Encrypt from here on and return the facts about it. Raises WireError with a TLS code."""
        self._link = encrypted = tls.secured(self._link, destination, seconds=self._timer.left_until(by))
        encrypted.setblocking(False)
        return tls.facts_about(encrypted)

    def shown_certificate(self, host: str, *, by: float) -> bytes:
        """The certificate (DER) that the peer shows, believed or not; the connection ends with that."""
        return tls.shown_certificate(self._link, host, seconds=self._timer.left_until(by))

    def close(self) -> None:
        self._link.close()

    def _wait(self, event: int, *, by: float) -> None:
        waiting = select.poll()
        waiting.register(self._link, event)
        while not waiting.poll(math.ceil(min(self._timer.left_until(by), _LOOK) * 1000)):
            pass  # the timer says when it is enough
