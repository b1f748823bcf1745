"""A mail server on loopback, in a thread, that says exactly what it is told, stage by stage.

The stages are banner, ehlo, helo, starttls, handshake, ehlo2, auth, mail, rcpt, data, body (after its first line), dot,
rset, quit and unknown. What is not scripted is answered as a well-behaved server would. A stage can be given a list:
one act for each time it comes, the last one from then on.
"""

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field

CLOSE, RESET, SILENCE = "close", "reset", "silence"
_SIMPLE = {
    "MAIL": ("mail", b"250 2.1.0 sender fine\r\n"),
    "RCPT": ("rcpt", b"250 2.1.5 recipient fine\r\n"),
    "RSET": ("rset", b"250 2.0.0 forgotten\r\n"),
}


@dataclass(frozen=True)
class Drip:
    """These bytes, one at a time, `every` seconds; then nothing more."""

    text: bytes
    every: float = 0.05


@dataclass(frozen=True)
class Endless:
    """This, again and again, as fast as it is taken."""

    chunk: bytes


@dataclass(frozen=True)
class ThenClose:
    text: bytes


@dataclass
class Heard:
    """One command as it arrived."""

    line: bytes
    encrypted: bool

    @property
    def verb(self):
        return self.line.split(b" ")[0].split(b":")[0].upper().decode("ascii", "replace")


@dataclass
class ScriptedServer:
    """Use it as a context manager; afterwards `heard`, `messages` and `connections` tell what came.

    `chunks` are the pieces in which it arrived, and `turns` says how often the client had to wait for an answer.
    """

    script: dict = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    extensions: tuple = ("SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN")
    place: tuple = ("127.0.0.1", 0)

    def __enter__(self):
        self.heard, self.messages, self.connections = [], [], 0
        self.chunks, self.turns = [], 0
        self._stop = threading.Event()
        self._threads, self._links, self._turns = [], [], {}
        self._listener = socket.create_server(self.place)
        self.port = self._listener.getsockname()[1]
        self._run(self._accept)
        return self

    def __exit__(self, *_):
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def verbs(self):
        return [heard.verb for heard in self.heard]

    def in_clear(self):
        return [heard.verb for heard in self.heard if not heard.encrypted]

    def _run(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while not self._stop.is_set():
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._links.append(link)
            self._run(self._serve, link)

    def _serve(self, link):
        peer = _Peer(self, link)
        with contextlib.suppress(OSError, EOFError, ValueError):
            peer.talk()
        peer.close()

    def act_for(self, stage):
        act = self.script.get(stage)
        if not isinstance(act, list):
            return act
        turn = self._turns.get(stage, 0)
        self._turns[stage] = turn + 1
        return act[min(turn, len(act) - 1)]


class _Peer:
    def __init__(self, server, link):
        self.server, self.link = server, link
        self.buffer = b""
        self.encrypted = False
        self.has_answered = False

    def talk(self):
        if self.server.implicit:
            self._encrypt()
        self._say("banner", b"220 mail.example.test ready\r\n")
        while True:
            line = self._line()
            self.server.heard.append(Heard(line, self.encrypted))
            self._answer(line, Heard(line, self.encrypted).verb)

    def close(self):
        with contextlib.suppress(OSError):
            self.link.close()

    def _answer(self, line, verb):
        match verb:
            case "EHLO" | "HELO":
                again = self.encrypted and not self.server.implicit
                stage = "helo" if verb == "HELO" else "ehlo2" if again else "ehlo"
                self._say(stage, self._offer() if verb == "EHLO" else b"250 mail.example.test\r\n")
            case "STARTTLS":
                if self._say("starttls", b"220 go ahead\r\n"):
                    self._encrypt()
            case "AUTH":
                self._sign_in(line)
            case "DATA":
                if self._say("data", b"354 go on\r\n"):
                    self._content()
            case "QUIT":
                self._say("quit", b"221 2.0.0 bye\r\n")
                raise EOFError
            case _:
                self._say(*_SIMPLE.get(verb, ("unknown", b"500 5.5.1 what?\r\n")))

    def _offer(self):
        extensions = list(self.server.extensions)
        if self.server.tls and not self.encrypted:
            extensions.append("STARTTLS")
        lines = ["mail.example.test", *extensions]
        return "".join(f"250{' ' if n == len(lines) else '-'}{line}\r\n" for n, line in enumerate(lines, 1)).encode()

    def _sign_in(self, line):
        words = line.split(b" ")
        questions = {b"PLAIN": 0 if len(words) > 2 else 1, b"LOGIN": 2}.get(words[1].upper(), 0)
        if "auth" not in self.server.script:
            for _ in range(questions):
                self._send(b"334 VXNlcm5hbWU6\r\n")
                answer = self._line()
                self.server.heard.append(Heard(answer, self.encrypted))
                if answer == b"*":
                    self._send(b"501 cancelled\r\n")
                    return
        self._say("auth", b"235 2.7.0 welcome\r\n")

    def _content(self):
        body = self.server.script.get("body")
        lines = []
        while (line := self._line()) != b".":
            lines.append(line)
            if body is not None:
                self._do(body)
                body = None
        self.server.messages.append(b"".join(line + b"\r\n" for line in lines))
        self._say("dot", b"250 2.0.0 queued as 42\r\n")

    def _say(self, stage, otherwise):
        """Perform the scripted act, or answer well; true when the good answer was given."""
        act = self.server.act_for(stage)
        if act is None:
            self._send(otherwise)
            return True
        self._do(act)
        return isinstance(act, bytes) and act[:3] == otherwise[:3]

    def _do(self, act):
        match act:
            case bytes():
                self._send(act)
                return
            case "reset":
                self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case "silence":
                self.server._stop.wait(20)
            case Drip():
                self._drip(act)
                return
            case Endless(chunk=chunk):
                while not self.server._stop.is_set():
                    self._send(chunk)
            case ThenClose(text=text):
                self._send(text)
        raise EOFError  # the connection ends with that, as it does with CLOSE

    def _drip(self, act):
        for octet in act.text:
            self._send(bytes([octet]))
            if self.server._stop.wait(act.every):
                raise EOFError

    def _encrypt(self):
        act = self.server.script.get("handshake")
        if act is not None:
            self._do(act)
            raise EOFError
        self.link = self.server.tls.wrap_socket(self.link, server_side=True)
        self.server._links.append(self.link)
        self.encrypted = True

    def _line(self):
        while b"\r\n" not in self.buffer:
            self.server.turns += self.has_answered
            self.has_answered = False
            data = self.link.recv(65536)
            if not data:
                raise EOFError
            self.server.chunks.append(data)
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _send(self, data):
        self.has_answered = True
        self.link.sendall(data)
