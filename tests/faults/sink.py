"""Knows a mail server that remembers every copy it took, and asks of each repeat whether it was flagged before."""

import hashlib
import re
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE | re.IGNORECASE)
_RECIPIENT = re.compile(r"RCPT TO:<([^>]*)>", re.IGNORECASE)


@dataclass
class Sink:
    """`flags` tells how often a mail was recorded as uncertain, asked at the moment at which another copy arrives.

    `takes` is the time in seconds between the end of a mail and the answer to it.
    """

    flags: Callable[[str], int]
    takes: float = 0.003
    port: int = 0
    copies: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    silent: list[str] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, content: bytes) -> None:
        """One copy arrived whole. From here on it is at its recipient, whatever becomes of the answer."""
        found = _MESSAGE_ID.search(content)
        assert found, content[:500]
        message_id, digest = found[1].decode(), hashlib.sha256(content).hexdigest()
        with self.guard:
            before = list(self.copies[message_id])
            self.copies[message_id].append(digest)
            if not before:
                return
            (self.flagged if self.flags(message_id) >= len(before) else self.silent).append(message_id)
            if digest != before[0]:
                self.altered.append(message_id)


@contextmanager
def running(flags: Callable[[str], int]) -> Iterator[Sink]:
    sink = Sink(flags)

    class Conversation(_Conversation):
        owner = sink

    with _Server(("127.0.0.1", 0), Conversation) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()  # and closing it waits for its conversations, which end with who speaks


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


class _Conversation(socketserver.StreamRequestHandler):
    """RFC 5321 as far as a client needs it, with groups of commands (RFC 2920)."""

    owner: Sink
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self._say("220 sink.test ESMTP")
        try:
            while line := self.rfile.readline().decode("ascii", "replace").strip():
                if not self._answer(line):
                    return
        except OSError:
            return  # the other end was killed

    def _answer(self, line: str) -> bool:
        verb = line[:4].upper()
        if verb == "EHLO":
            self._say("250-sink.test", "250-PIPELINING", "250 SIZE 10000000")
        elif verb == "DATA":
            self._say("354 go on")
            return self._take()
        elif verb == "QUIT":
            self._say("221 2.0.0 bye")
            return False
        else:
            self._say("250 2.1.0 fine")
        return True

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if line == b"":
            return False  # ended inside of the content: nothing was delivered
        self.owner.accept(b"".join(lines))
        time.sleep(self.owner.takes)
        self._say("250 2.0.0 taken")
        return True

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
