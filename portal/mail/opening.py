"""Knows how a session begins: find the server, connect, greet, encrypt, sign in, each step told as it happens."""

import time
from collections.abc import Mapping

from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Encryption, Server, SignIn
from portal.domain.secret import Secret
from portal.mail.channel import Channel
from portal.mail.conversation import Conversation
from portal.mail.deadlines import Deadlines, Timer
from portal.mail.dialogue import Dialogue
from portal.mail.egress import Egress, Target
from portal.mail.ending import Ending
from portal.mail.examination import certificate_shown_by
from portal.mail.exchange import WireError
from portal.mail.observation import Narrator, Observer
from portal.mail.redaction import Redactor

_CERTIFICATE_TROUBLE = frozenset({Code.TLS_UNTRUSTED, Code.TLS_EXPIRED, Code.TLS_NAME})


class Opening:
    """One attempt to open a session. Raises ValueError for credentials that cannot be sent."""

    def __init__(
        self,
        server: Server,
        password: Secret | None,
        *,
        egress: Egress,
        deadlines: Deadlines,
        observe: Observer,
        ending: Ending | None = None,
        is_recorded: bool = True,
    ) -> None:
        revealed = password.reveal() if password else ""
        self._redactor = Redactor(username=server.destination.username, password=revealed)
        self.conversation = Conversation(server, password, redactor=self._redactor)
        self.narrator = Narrator(observe, clock=time.monotonic)
        self.notes: tuple[str, ...] = ()
        self._server = server
        self._egress = egress
        self._deadlines = deadlines
        self._is_recorded = is_recorded
        self._timer = Timer(deadlines.session, clock=time.monotonic, bound=ending)

    def run(self) -> Dialogue:
        """Open the session. Raises WireError, with the transcript so far; nothing is left open then."""
        targets = self._resolve()
        dialogue = self._connect(targets)
        try:
            self._make_ready(dialogue, targets)
        except WireError as error:
            dialogue.leave(self.conversation.quit())
            error.transcript = tuple(dialogue.transcript)
            raise
        except BaseException:
            dialogue.close()
            raise
        return dialogue

    def _resolve(self) -> tuple[Target, ...]:
        destination = self._server.destination
        with self.narrator.step(Step.RESOLVE) as learnt:
            targets = self._egress.targets(
                destination.host, destination.port, timer=self._timer, seconds=self._deadlines.connect
            )
            learnt.fact = "address"
            learnt.values = {"address": ", ".join(str(target.address) for target in targets)}
        return targets

    def _connect(self, targets: tuple[Target, ...]) -> Dialogue:
        with self.narrator.step(Step.CONNECT) as learnt:
            link = self._egress.connect(targets, timer=self._timer, seconds=self._deadlines.connect)
            learnt.fact = "port-answers"
            learnt.values = {"port": str(self._server.destination.port)}
        channel = Channel(link, timer=self._timer)
        return Dialogue(channel, timer=self._timer, redactor=self._redactor, is_recorded=self._is_recorded)

    def _make_ready(self, dialogue: Dialogue, targets: tuple[Target, ...]) -> None:
        match self._server.destination.encryption:
            case Encryption.TLS:
                with self.narrator.step(Step.ENCRYPT) as learnt:
                    learnt.fact, learnt.values = "tls", self._encrypt(dialogue, targets)
                self._greet(dialogue)
            case Encryption.STARTTLS:
                self._greet(dialogue)
                with self.narrator.step(Step.ENCRYPT) as learnt:
                    self._ask_to_encrypt(dialogue)
                    learnt.fact, learnt.values = "tls", self._encrypt(dialogue, targets)
                    self._say_hello(dialogue, Step.ENCRYPT)
            case _:
                self._greet(dialogue)
                with self.narrator.step(Step.ENCRYPT) as learnt:
                    learnt.skip("not-requested")
        self._sign_in(dialogue)

    def _greet(self, dialogue: Dialogue) -> None:
        with self.narrator.step(Step.GREET) as learnt:
            greeting = self.conversation.greeting()
            learnt.reply = dialogue.run(greeting, Step.GREET, seconds=self._deadlines.greeting)
            self._say_hello(dialogue, Step.GREET)
            learnt.fact = "greeting"

    def _say_hello(self, dialogue: Dialogue, step: Step) -> None:
        dialogue.run(self.conversation.hello(step), step, seconds=self._deadlines.command)

    def _ask_to_encrypt(self, dialogue: Dialogue) -> None:
        # A server that hangs up on STARTTLS offers no encryption, like one that says no.
        exchange = self.conversation.start_tls()
        dialogue.run(exchange, Step.ENCRYPT, seconds=self._deadlines.command, if_lost=Code.TLS_MISSING)

    def _encrypt(self, dialogue: Dialogue, targets: tuple[Target, ...]) -> Mapping[str, str]:
        try:
            facts = dialogue.secure(self._server.destination, seconds=self._deadlines.command)
        except WireError as refused:
            if refused.code in _CERTIFICATE_TROUBLE:
                refused.values = certificate_shown_by(self._server, targets, egress=self._egress, timer=self._timer)
            raise
        self.conversation.secured()
        return facts

    def _sign_in(self, dialogue: Dialogue) -> None:
        with self.narrator.step(Step.SIGN_IN) as learnt:
            if self._server.sign_in is SignIn.NONE:
                learnt.skip("not-requested")
                return
            exchange = self.conversation.sign_in()
            mechanism = dialogue.run(
                exchange, Step.SIGN_IN, seconds=self._deadlines.command, if_lost=Code.AUTH_TEMPORARY
            )
            if mechanism is None:
                learnt.skip("credentials-unused")
                self.notes = ("credentials-unused",)
                return
            learnt.fact = "signed-in"
            learnt.values = {"mechanism": mechanism.value.upper()}
