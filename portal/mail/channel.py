"""Knows one TCP connection, in clear or encrypted: bytes out and in, each by a given moment."""

import socket
import ssl
from collections.abc import Mapping

from portal.domain.mail_config import Destination
from portal.mail import tls
from portal.mail.deadlines import Timer

_CHUNK = 16 * 1024


class Channel:
    """Whatever goes wrong is an OSError; a moment that passes is a TimeoutError."""

    def __init__(self, link: socket.socket, *, timer: Timer) -> None:
        self._link = link
        self._timer = timer

    def send(self, data: bytes | memoryview, *, by: float) -> None:
        rest = memoryview(data)
        while rest:
            self._link.settimeout(self._timer.left_until(by))
            rest = rest[self._link.send(rest) :]

    def receive(self, *, by: float) -> bytes:
        """Wait for some bytes; none means that the peer has closed."""
        self._link.settimeout(self._timer.left_until(by))
        return self._link.recv(_CHUNK)

    def receive_now(self) -> bytes | None:
        """What has arrived already, without waiting: None for nothing, no bytes when the peer has closed."""
        self._link.settimeout(0)
        try:
            return self._link.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None

    def secure(self, destination: Destination, *, by: float) -> Mapping[str, str]:
        """Encrypt from here on and return the facts about it. Raises WireError with a TLS code."""
        self._link = encrypted = tls.secured(self._link, destination, seconds=self._timer.left_until(by))
        return tls.facts_about(encrypted)

    def shown_certificate(self, host: str, *, by: float) -> bytes:
        """The certificate (DER) that the peer shows, believed or not; the connection ends with that."""
        return tls.shown_certificate(self._link, host, seconds=self._timer.left_until(by))

    def close(self) -> None:
        self._link.close()
