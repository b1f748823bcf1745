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
from portal.mail.exchange import Envelope, Reception, WireError
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
    server: Server, password: Secret | None, *, egress: Egress, deadlines: Deadlines, observe: Observer = ignore
) -> "Session":
    """Resolve, connect, greet, encrypt and sign in as `server` says; `observe` gets one finding per step.

    Raises WireError, whose `transcript` then tells what was said, and ValueError for credentials or a name in
    EHLO that cannot be sent. Credentials are sent only to a verified or pinned peer, or with recorded consent.
    """
    opening = Opening(server, password, egress=egress, deadlines=deadlines, observe=observe)
    dialogue = opening.run()
    return Session(dialogue, opening.conversation, narrator=opening.narrator, deadlines=deadlines, notes=opening.notes)


class Session:
    """An open, signed-in connection. Mails go one after the other: offer, stream, finish, or reset.

    Leaving the `with` block says QUIT where the conversation is in step and closes in any case. Only WireError
    leaves a method, and ValueError for what may not be sent, before any of it is.
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
        self._dialogue = dialogue
        self._conversation = conversation
        self._narrator = narrator
        self._deadlines = deadlines
        self._accepted = False  # some recipient of the mail on offer was accepted
        self._inside_content = False

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

    def offer(self, envelope: Envelope) -> tuple[Reception, ...]:
        """Name the sender and every recipient; the answer has one reception per recipient, in their order.

        Raises WireError where the mail as a whole is refused (SENDER_REJECTED, TOO_LARGE, BUSY, …).
        """
        self._accepted = False
        with self._narrator.step(Step.SENDER) as learnt:
            exchange = self._conversation.mail(envelope)
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

    def stream(self, content: bytes) -> None:
        """Send the content *without* the final dot: until `finish` is called nothing can be delivered.

        Raises ValueError for content with bare CR or LF, for octets over 127 that were not negotiated, and when
        no recipient was accepted; WireError when the server does not take it.
        """
        if not self._accepted:
            raise ValueError("no recipient was accepted")
        stuffed = _dot_stuffed(content)
        if not (content.isascii() or self._conversation.takes_8bit):
            raise ValueError("the content is not 7-bit")
        with self._narrator.step(Step.CONTENT) as learnt:
            self._dialogue.run(self._conversation.data(), Step.CONTENT, seconds=self._deadlines.command)
            self._inside_content = True
            self._dialogue.pour(stuffed, Step.CONTENT, seconds=self._deadlines.data_block)
            learnt.fact, learnt.values = "content-sent", {"octets": str(len(content))}

    def finish(self) -> str:
        """Send the final dot and return the server's words of acceptance.

        Raises WireError: BUSY, CONTENT_REJECTED or TOO_LARGE when the server said no; UNKNOWN for whatever else
        happens once the dot was handed over; any other code when it could not even be sent.
        """
        if not self._inside_content:
            raise ValueError("there is no content to finish")
        self._accepted = False
        with self._narrator.step(Step.ACCEPT) as learnt:
            learnt.reply = self._end_content()
            learnt.fact = "accepted"
            return learnt.reply

    def reset(self) -> None:
        """Drop the mail on offer; the next one may follow. Raises WireError."""
        if self._inside_content:
            raise ValueError("inside the content there is no way back")
        self._accepted = False
        self._dialogue.run(self._conversation.reset(), Step.RECIPIENT, seconds=self._deadlines.command)

    def quit(self) -> None:
        """Say goodbye, briefly, and close. Never raises: whatever was accepted stays accepted."""
        if not self._inside_content:  # there it would be taken for text
            self._dialogue.leave(self._conversation.quit())
        self.close()

    def close(self) -> None:
        """Close without a word. Content that was not finished is not delivered."""
        self._dialogue.close()

    def _end_content(self) -> str:
        dot = self._conversation.dot()
        try:
            return self._dialogue.run(dot, Step.ACCEPT, seconds=self._deadlines.final_dot, once_sent=Code.UNKNOWN)
        except WireError as error:
            if error.code is Code.UNKNOWN:
                self.close()
            raise
        finally:
            self._inside_content = False


def _dot_stuffed(content: bytes) -> bytes:
    """RFC 5321 §4.5.2. A bare CR or LF is refused: to some servers it is a line end, and a dot behind it the end."""
    if not content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r") or b"\0" in content:
        raise ValueError("a line end of the content is not CRLF")
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    stuffed = whole.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
