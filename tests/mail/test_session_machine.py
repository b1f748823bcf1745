"""Whatever is asked of a session and whatever a server says, in any order: few promises, kept at every step."""

import os

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.domain.diagnosis import Step
from portal.domain.mail_config import Encryption
from portal.domain.secret import Secret
from portal.mail.connection import Session
from portal.mail.conversation import Conversation
from portal.mail.deadlines import INTERACTIVE, Timer
from portal.mail.dialogue import Dialogue
from portal.mail.exchange import WireError
from portal.mail.observation import Narrator
from portal.mail.redaction import Redactor
from tests.wire import CONTENT, PASSWORD, USERNAME, server_at, to

_WORDS = st.sampled_from([b"fine", b"2.1.0 ok", b"", b"x" * 300, b"\xff\xfe\x1b[31m", PASSWORD.encode(), b"try again"])
_CODES = st.sampled_from(
    [b"220", b"221", b"235", b"250", b"251", b"334", b"354", b"421", b"450", b"502", b"503", b"535", b"550", b"554"]
)
_REPLY = st.builds(lambda code, word: code + b" " + word + b"\r\n", _CODES, _WORDS)
_EHLO = st.lists(
    st.sampled_from([b"PIPELINING", b"SIZE 900", b"SIZE 5", b"8BITMIME", b"SMTPUTF8", b"DSN", b"STARTTLS", b"AUTH PLAIN LOGIN"]),
    max_size=6,
).map(lambda words: b"".join(b"250-" + word + b"\r\n" for word in [b"hello", *words]) + b"250 HELP\r\n")  # fmt: skip
_ANYTHING = st.one_of(_REPLY, _REPLY, _REPLY, _EHLO, st.lists(_REPLY, max_size=3).map(b"".join), st.binary(max_size=40))
_RECIPIENTS = st.lists(
    st.sampled_from(["sue@demo.test", "cal@demo.test", "žofie@demo.test"]), min_size=1, max_size=3, unique=True
)


# None is what a well-behaved server says in that place.
_SAID = st.lists(st.one_of(st.none(), st.none(), st.none(), st.none(), _ANYTHING), max_size=5)


class Peer:
    """A channel in memory with a server at its end that behaves well, except where the test has it say otherwise."""

    def __init__(self, hello):
        self.hello, self.said, self.inside = hello, [], False
        self.waiting, self.written, self.closed = b"220 hello\r\n", b"", False

    def send(self, data, *, by):
        if self.closed:
            raise ConnectionError
        self.written += bytes(data)
        lines = bytes(data).split(b"\r\n")[:-1]
        if self.inside and lines[:1] != [b"."]:
            return
        for line in lines:
            self.answer(line)

    def answer(self, line):
        self.inside = False
        good = {b"EHLO": self.hello, b"AUTH": b"235 welcome\r\n", b"DATA": b"354 go on\r\n"}.get(
            line[:4], b"250 fine\r\n"
        )
        answer = (self.said.pop(0) if self.said else None) or good
        self.inside = line == b"DATA" and answer.startswith(b"354")
        self.waiting += answer

    def receive(self, *, by):
        if not self.waiting:
            raise TimeoutError
        data, self.waiting = self.waiting, b""
        return data

    def receive_now(self):
        return self.receive(by=0) if self.waiting else None

    def close(self):
        self.closed = True


class Sessions(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.everything = []

    @initialize(hello=_EHLO, encrypted=st.booleans())
    def connect(self, hello, encrypted):
        redactor = Redactor(username=USERNAME, password=PASSWORD)
        server = server_at(587, Encryption.TLS if encrypted else Encryption.NONE)
        self.peer, self.encrypted, self.finished, self.following = Peer(hello), encrypted, 0, None
        self.everything.append((self.peer, encrypted))
        self.conversation = Conversation(server, Secret(PASSWORD), redactor=redactor, nonce=lambda: "nonce")
        self.dialogue = Dialogue(self.peer, timer=Timer(1e9, clock=lambda: 0.0), redactor=redactor)
        narrator = Narrator(lambda _finding: None, clock=lambda: 0.0)
        self.session = Session(self.dialogue, self.conversation, narrator=narrator, deadlines=INTERACTIVE, notes=())
        if encrypted:
            self.conversation.secured()
        self.asked(lambda: self.dialogue.run(self.conversation.greeting(), Step.GREET, seconds=1), [])
        self.asked(lambda: self.dialogue.run(self.conversation.hello(Step.GREET), Step.GREET, seconds=1), [])

    def asked(self, ask, said):
        """Ask for something of a peer that says this; only typed failures leave."""
        self.peer.said = list(said)
        try:
            return ask()
        except (WireError, ValueError):
            return None

    @precondition(lambda self: self.dialogue.closed)
    @rule(hello=_EHLO, encrypted=st.booleans())
    def connect_again(self, hello, encrypted):
        self.connect(hello, encrypted)

    @rule(said=_SAID)
    def sign_in(self, said):
        self.asked(lambda: self.dialogue.run(self.conversation.sign_in(), Step.SIGN_IN, seconds=1), said)

    @rule(said=_SAID, recipients=_RECIPIENTS, size=st.integers(0, 1_000), delivers=st.sampled_from([True, True, False]))
    def offer(self, said, recipients, size, delivers):
        envelope = self.following or to(*recipients, size=size)
        self.following = None
        self.asked(lambda: self.session.offer(envelope, delivers=delivers), said)

    @rule(said=_SAID)
    def stream(self, said):
        self.asked(lambda: self.session.stream(CONTENT), said)

    @rule(said=_SAID, follows=st.booleans(), recipients=_RECIPIENTS)
    def finish(self, said, follows, recipients):
        following = to(*recipients) if follows else None
        self.finished += self.conversation.is_inside_content and not self.dialogue.closed
        self.asked(lambda: self.session.finish(following), said)
        self.following = following if not (self.dialogue.closed or self.conversation.is_in_step) else None

    @rule(said=_SAID)
    def reset(self, said):
        self.asked(self.session.reset, said)

    @rule(said=_ANYTHING)
    def speak_unasked(self, said):
        self.peer.waiting += said

    @rule()
    def renew(self):
        self.session.renew(lambda _finding: None)

    @invariant()
    def no_dot_without_finish(self):
        if hasattr(self, "peer"):
            assert (b"\r\n" + self.peer.written).count(b"\r\n.\r\n") <= self.finished

    @invariant()
    def no_credential_in_clear(self):
        assert not any(b"AUTH" in peer.written for peer, encrypted in self.everything if not encrypted)

    @invariant()
    def nothing_secret_is_kept(self):
        if hasattr(self, "session"):
            assert PASSWORD not in "\n".join(self.session.transcript)
            assert len(self.session.transcript) <= 400

    def teardown(self):
        if hasattr(self, "session"):
            self.asked(self.session.quit, [])
            assert self.peer.closed


# 400 runs of 50 steps are 20,000 steps; `make fuzz` asks for more.
Sessions.TestCase.settings = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "400")), stateful_step_count=50, deadline=None
)
TestSessions = Sessions.TestCase
