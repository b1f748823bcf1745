"""A scripted server at its worst: it keeps every byte it was given, and knows tricks below the level of replies."""

import contextlib
import os
import socket
from dataclasses import dataclass

from tests.scripted_smtp import ScriptedServer, _Peer


@dataclass(frozen=True)
class After:
    """This act, but only `seconds` later."""

    seconds: float
    act: object


@dataclass(frozen=True)
class UnderTls:
    """These bytes straight into the TCP connection, past the encryption that is in place."""

    text: bytes


class EvilServer(ScriptedServer):
    """Afterwards `received` has everything that came, as pairs of bytes and whether they came encrypted."""

    def __enter__(self):
        self.received = []
        return super().__enter__()

    def stop_listening(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def everything(self, *, encrypted=None):
        return b"".join(data for data, inside in self.received if encrypted in {None, inside})

    def _serve(self, link):
        peer = _EvilPeer(self, link)
        with contextlib.suppress(OSError, EOFError, ValueError):
            peer.talk()
        peer.close()


class _EvilPeer(_Peer):
    def close(self):
        """Whatever still lies there was sent after the misdeed, and counts."""
        with contextlib.suppress(OSError, ValueError):
            self.link.settimeout(0)
            while data := self.link.recv(65536):
                self._keep(data)
        super().close()

    def _line(self):
        while b"\r\n" not in self.buffer:
            data = self.link.recv(65536)
            if not data:
                raise EOFError
            self._keep(data)
            self.buffer += data
        return super()._line()

    def _keep(self, data):
        self.server.received.append((data, self.encrypted))

    def _do(self, act):
        match act:
            case After(seconds=seconds, act=later):
                self.server._stop.wait(seconds)
                super()._do(later)
            case UnderTls(text=text):
                os.write(self.link.fileno(), text)
                self.server._stop.wait(20)
                raise EOFError
            case _:
                super()._do(act)

    def _encrypt(self):
        if "handshake" in self.server.script:
            # Only after the client has begun: a word before that is an injection, and another scenario.
            self._keep(self.link.recv(65536))
        super()._encrypt()
