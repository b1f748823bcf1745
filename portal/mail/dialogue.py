"""Knows how exchanges are carried over a channel: in time, in order, within limits, and on record."""

from collections.abc import Mapping
from contextlib import suppress

from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Destination
from portal.mail.channel import Channel
from portal.mail.deadlines import Timer
from portal.mail.ending import BRIEFLY, GRACE
from portal.mail.exchange import Command, Exchange, T, WireError
from portal.mail.redaction import Redactor
from portal.mail.replies import BadReplyError, Reply, ReplyReader

_BLOCK = 64 * 1024
_LONGEST_TRANSCRIPT = 400  # lines
_FAREWELL = 2.0  # seconds: nothing depends on the answer


class Dialogue:
    """One conversation over one connection. After any trouble below the level of replies it is closed.

    What was said is recorded unless `is_recorded` is false: the mail log has no use for it, and every mail would pay.
    """

    def __init__(self, channel: Channel, *, timer: Timer, redactor: Redactor, is_recorded: bool = True) -> None:
        self.closed = False
        self.transcript: list[str] = []
        self._is_recorded = is_recorded
        self._channel = channel
        self._timer = timer
        self._redactor = redactor
        self._reader = ReplyReader()
        self._has_sent = False
        self._has_met = False  # the peer has shown that it is a mail server

    def renew(self, seconds: float) -> None:
        """Begin the next mail on the same connection, with `seconds` for all of it and a record of its own."""
        self._timer.renew(seconds)
        self._reader.renew()
        self.transcript = []

    def run(
        self,
        exchange: Exchange[T],
        step: Step,
        *,
        seconds: float,
        if_lost: Code = Code.LOST,
        once_sent: Code | None = None,
    ) -> T:
        """Carry an exchange to its end and return its result; each command has `seconds` for itself and its reply.

        Raises what the exchange raises, and WireError for a peer that is lost (`if_lost`), too slow, too much or
        no SMTP server; `once_sent` replaces all of these as soon as a byte of the exchange was handed over.
        """
        self._has_sent = False
        self._timer.patience = GRACE if once_sent else BRIEFLY
        if self.closed:
            raise WireError(if_lost, step)
        try:
            return self._carried(exchange, step, seconds=seconds)
        except TimeoutError:
            code = Code.SILENT if step is Step.GREET and self._reader.heard_nothing else Code.SLOW
        except OSError:
            code = if_lost
        except BadReplyError as error:
            code = self._meaning_of(error)
        self.close()
        raise WireError(once_sent if once_sent and self._has_sent else code, step)

    def pour(self, content: bytes, step: Step, *, seconds: float) -> None:
        """Send content as it is; each block has `seconds`. Raises WireError: LOST or SLOW."""
        self._record(f"C: (message, {len(content)} octets)")
        view = memoryview(content)
        try:
            for start in range(0, len(view), _BLOCK):
                self._channel.send(view[start : start + _BLOCK], by=self._timer.moment_in(seconds))
        except TimeoutError:
            self.close()
            raise WireError(Code.SLOW, step) from None
        except OSError:
            self.close()
            raise WireError(Code.LOST, step) from None

    def secure(self, destination: Destination, *, seconds: float) -> Mapping[str, str]:
        """Encrypt from here on. Raises WireError: TLS_INJECTED when anything came before encryption, or a TLS code."""
        try:
            facts = self._secured(destination, by=self._timer.moment_in(seconds))
        except WireError:
            self.close()
            raise
        self._record(f"C: ({facts['version']})")
        return facts

    def shown_certificate(self, host: str, *, seconds: float) -> bytes:
        return self._channel.shown_certificate(host, by=self._timer.moment_in(seconds))

    def leave(self, farewell: Exchange[None]) -> None:
        """Say goodbye if there is still somebody to say it to, and close. Never raises WireError."""
        if not self.closed:
            with suppress(WireError):
                self.run(farewell, Step.ACCEPT, seconds=_FAREWELL)
        self.close()

    def close(self) -> None:
        self.closed = True
        self._channel.close()

    def _carried(self, exchange: Exchange[T], step: Step, *, seconds: float) -> T:
        try:
            command = next(exchange)
            while True:
                command = exchange.send(self._answer_to(command, step, by=self._timer.moment_in(seconds)))
        except StopIteration as end:
            result: T = end.value
            return result

    def _answer_to(self, command: Command, step: Step, *, by: float) -> Reply:
        self._timer.left_until(by)
        if command.line:
            self._ensure_nothing_came_unasked(step)
        if command.shown:
            self._record(f"C: {command.shown}")
        if command.line:
            self._has_sent = True
            self._channel.send(command.line, by=by)
        reply = self._next_reply(by=by)
        self._record_reply(reply)
        return reply

    def _next_reply(self, *, by: float) -> Reply:
        while (reply := self._reader.next_reply()) is None:
            data = self._channel.receive(by=by)
            if not data:
                raise ConnectionError
            self._reader.feed(data)
        return reply

    def _ensure_nothing_came_unasked(self, step: Step) -> None:
        """A reply that nobody asked for would be taken for the answer to the next command, the dot included."""
        arrived = self._channel.receive_now()
        if arrived == b"":
            raise ConnectionError
        self._reader.feed(arrived or b"")
        if not self._reader.leftover():
            return
        reply = self._reader.next_reply()
        self.close()
        if reply is None:
            raise WireError(Code.UNEXPECTED, step)
        self._record_reply(reply)
        raise WireError(_meaning_unasked(reply, step), step, reply=self._redactor.told(reply))

    def _secured(self, destination: Destination, *, by: float) -> Mapping[str, str]:
        try:
            # RFC 3207 §6: after its yes to STARTTLS a server has nothing to say before our first handshake message.
            if self._has_met and (self._reader.leftover() or self._channel.receive_now()):
                raise WireError(Code.TLS_INJECTED, Step.ENCRYPT)
            return self._channel.secure(destination, by=by)
        except TimeoutError:
            raise WireError(Code.SLOW, Step.ENCRYPT) from None
        except OSError:
            raise WireError(Code.TLS_FAILED, Step.ENCRYPT, fact="handshake-cut") from None

    def _meaning_of(self, error: BadReplyError) -> Code:
        if error.code is Code.GARBAGE and not self._has_met:
            return Code.NOT_SMTP
        return error.code

    def _record_reply(self, reply: Reply) -> None:
        if not self._has_met and not _may_greet(reply):
            self.close()  # not a mail server: not one byte of it is kept, nor is it told anything
            return
        self._has_met = True
        if not self._is_recorded:
            return
        for number, line in enumerate(reply.lines, 1):
            self._record(f"S: {reply.code}{' ' if number == len(reply.lines) else '-'}{line}")

    def _record(self, line: str) -> None:
        if self._is_recorded and len(self.transcript) < _LONGEST_TRANSCRIPT:
            self.transcript.append(self._redactor.clean(line))


def _may_greet(reply: Reply) -> bool:
    return reply.code == 220 or reply.kind in {4, 5}


def _meaning_unasked(reply: Reply, step: Step) -> Code:
    if reply.kind == 4:
        return Code.BUSY  # typically 421: the server is leaving (RFC 5321 §3.8)
    if reply.kind == 5 and step is Step.ACCEPT:
        return Code.CONTENT_REJECTED  # refused while the body was still under way; no dot was sent
    return Code.UNEXPECTED
