"""Knows a session with a mail server, from sign-in to goodbye: offer a mail, stream it, and, apart, end it."""

from types import TracebackType
from typing import Self

from portal.domain.diagnosis import Code, Status, Step
from portal.domain.mail_config import Server
from portal.domain.secret import Secret
from portal.mail.conversation import Conversation
from portal.mail.deadlines import DELIVERY, INTERACTIVE, Deadlines
from portal.mail.dialogue import Dialogue
from portal.mail.egress import Egress
from portal.mail.ending import Ending
from portal.mail.exchange import Envelope, Exchange, Reception, T, WireError
from portal.mail.message import Written
from portal.mail.observation import Narrator, Observer, ignore
from portal.mail.opening import Opening

__all__ = [
    "DELIVERY",
    "INTERACTIVE",
    "Deadlines",
    "Envelope",
    "Observer",
    "Reception",
    "Session",
    "WireError",
    "ignore",
    "open_session",
]


def open_session(
    server: Server,
    password: Secret | None,
    *,
    egress: Egress,
    deadlines: Deadlines,
    observe: Observer = ignore,
    ending: Ending | None = None,
    is_recorded: bool = True,
) -> "Session":
    """Resolve, connect, greet, encrypt and sign in as `server` says; `observe` gets one finding per step.

    Raises WireError, whose `transcript` then tells what was said, and ValueError for credentials or a name in
    EHLO that cannot be sent. Credentials are sent only to a verified or pinned peer, or with recorded consent.
    Soon after the `ending` began every step but the wait for the answer to a final dot is out of time. What is not
    `is_recorded` has no transcript.
    """
    opening = Opening(
        server,
        password,
        egress=egress,
        deadlines=deadlines,
        observe=observe,
        ending=ending,
        is_recorded=is_recorded,
    )
    dialogue = opening.run()
    return Session(dialogue, opening.conversation, narrator=opening.narrator, deadlines=deadlines, notes=opening.notes)


class Session:
    """An open, signed-in connection. Mails go one after the other: offer, stream, finish, or reset.

    `mails` counts those that were finished. Leaving the `with` block says QUIT where the server would take it for
    that, and closes in any case. Only WireError leaves a method, and ValueError for what may not be sent, before any
    of it is.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        conversation: Conversation,
        *,
        narrator: Narrator,
        deadlines: Deadlines,
        notes: tuple[str, ...],
    ) -> None:
        self.notes = notes
        self.mails = 0
        self._dialogue = dialogue
        self._conversation = conversation
        self._narrator = narrator
        self._deadlines = deadlines
        self._accepted = False  # some recipient of the mail on offer was accepted
        self._following: Envelope | None = None  # announced along with the end of the mail before it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.quit()

    @property
    def transcript(self) -> tuple[str, ...]:
        """What was said, one line each, redacted when it was recorded: `C: …` is ours, `S: …` the server's."""
        return tuple(self._dialogue.transcript)

    @property
    def is_idle(self) -> bool:
        """Whether it could carry another mail: it is open and nothing is under way."""
        return not self._dialogue.closed and self._conversation.is_in_step

    @property
    def opened_at(self) -> float:
        """When it was opened, on the monotonic clock."""
        return self._narrator.since

    def observe(self, observe: Observer) -> None:
        """Tell the steps from here on to somebody else."""
        self._narrator.observe = observe

    def renew(self, observe: Observer) -> None:
        """Begin the next mail on this connection: its time starts now, its steps go to `observe`."""
        self._narrator.observe = observe
        self._dialogue.renew(self._deadlines.session)

    def offer(self, envelope: Envelope, *, delivers: bool = True) -> tuple[Reception, ...]:
        """Name the sender and every recipient; the answer has one reception per recipient, in their order.

        Without `delivers` the mail is only asked about: `reset` comes next. Raises WireError where the mail as a
        whole is refused (SENDER_REJECTED, TOO_LARGE, BUSY, …), ValueError where another mail was announced.
        """
        if self._following not in {None, envelope}:
            raise ValueError("another mail was announced")
        self._following = None
        self._accepted = False
        with self._narrator.step(Step.SENDER) as learnt:
            exchange = self._conversation.mail(envelope, delivers=delivers)
            learnt.reply = self._dialogue.run(exchange, Step.SENDER, seconds=self._deadlines.command)
            learnt.fact, learnt.values = "sender-accepted", {"sender": envelope.sender}
        with self._narrator.step(Step.RECIPIENT) as learnt:
            recipients = self._conversation.recipients(envelope)
            receptions = self._dialogue.run(recipients, Step.RECIPIENT, seconds=self._deadlines.command)
            accepted = sum(reception.code is Code.OK for reception in receptions)
            worst = next((reception for reception in receptions if reception.code is not Code.OK), receptions[0])
            learnt.status = Status.DONE if accepted else Status.FAILED
            learnt.code, learnt.reply = worst.code, worst.reply
            learnt.fact = "recipients"
            learnt.values = {"accepted": str(accepted), "refused": str(len(receptions) - accepted)}
        self._accepted = accepted > 0
        return receptions

    def stream(self, content: bytes | Written) -> None:
        """Send the content *without* the final dot: until `finish` is called nothing can be delivered.

        What our own writer made is proven to hold no line that starts with a dot and no line end but CRLF; other
        content is checked, and its dots are doubled (RFC 5321 §4.5.2). Raises ValueError for content with bare CR or
        LF, for octets over 127 that were not negotiated, and when no recipient was accepted; WireError when the
        server does not take it.
        """
        if not self._accepted:
            raise ValueError("no recipient was accepted")
        stuffed = content.content if isinstance(content, Written) else _dot_stuffed(content)
        if not (stuffed.isascii() or self._conversation.takes_8bit):
            raise ValueError("the content is not 7-bit")
        with self._narrator.step(Step.CONTENT) as learnt:
            self._dialogue.run(self._conversation.data(), Step.CONTENT, seconds=self._deadlines.command)
            self._dialogue.pour(stuffed, Step.CONTENT, seconds=self._deadlines.data_block)
            learnt.fact, learnt.values = "content-sent", {"octets": str(len(stuffed))}

    def finish(self, following: Envelope | None = None) -> str:
        """Send the final dot and return the server's words of acceptance.

        The envelope of the `following` mail travels along where the server takes commands in groups (RFC 2920): one
        round trip a mail. `offer` that very envelope next, or leave; what happens to it is told there, not here.
        Raises WireError: BUSY, CONTENT_REJECTED or TOO_LARGE when the server said no; UNKNOWN for whatever else
        happens once the dot was handed over; any other code when it could not even be sent.
        """
        if not self._conversation.is_inside_content:
            raise ValueError("there is no content to finish")
        self._accepted = False
        with self._narrator.step(Step.ACCEPT) as learnt:
            learnt.reply = self._end_content(following)
            learnt.fact = "accepted"
            return learnt.reply

    def reset(self) -> None:
        """Drop the mail on offer; the next one may follow, if the session `is_idle` then. Raises WireError."""
        if self._conversation.is_inside_content:
            raise ValueError("inside the content there is no way back")
        self._accepted = False
        if self._run_aside(self._conversation.withdraw()):
            self.close()  # the server wants content for nobody: it gets none, and no dot
        else:
            self._run_aside(self._conversation.reset())

    def quit(self) -> None:
        """Say goodbye, briefly, and close. Never raises: whatever was accepted stays accepted."""
        self._dialogue.leave(self._conversation.quit())

    def close(self) -> None:
        """Close without a word. Content that was not finished is not delivered."""
        self._dialogue.close()

    def _run_aside(self, exchange: Exchange[T]) -> T:
        return self._dialogue.run(exchange, Step.RECIPIENT, seconds=self._deadlines.command)

    def _end_content(self, following: Envelope | None) -> str:
        dot = self._conversation.dot(following)
        self.mails += 1
        try:
            reply = self._dialogue.run(dot, Step.ACCEPT, seconds=self._deadlines.final_dot, once_sent=Code.UNKNOWN)
        except WireError as error:
            if error.code is Code.UNKNOWN:
                self.close()
            raise
        finally:
            self._following = None if self._conversation.is_in_step else following
        return reply


def _dot_stuffed(content: bytes) -> bytes:
    """RFC 5321 §4.5.2. A bare CR or LF is refused: to some servers it is a line end, and a dot behind it the end."""
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r") or b"\0" in content:
        raise ValueError("a line end of the content is not CRLF")
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    stuffed = whole.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
