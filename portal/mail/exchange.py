"""Knows the words of the wire: what one side says, what a failed session is called, how a command is written."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from portal.domain.diagnosis import Code, Step
from portal.mail.replies import Reply

T = TypeVar("T")

LONGEST_COMMAND = 512  # RFC 5321 §4.5.3.1.4, line end included
LONGEST_AUTH_LINE = 12_288  # RFC 4954 §4

_NOTHING: Mapping[str, str] = MappingProxyType({})


class WireError(Exception):
    """A session ended early. `reply` is the server's text, already printable, short and free of secrets.

    `fact` is a stable key and `values` fill it in, as in a `Finding`. `transcript` is set when a session could not
    be opened; afterwards the session has it.
    """

    def __init__(
        self, code: Code, step: Step, *, reply: str = "", fact: str = "", values: Mapping[str, str] = _NOTHING
    ) -> None:
        super().__init__(code.value, step.value)
        self.code = code
        self.step = step
        self.reply = reply
        self.fact = fact
        self.values = values
        self.transcript: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom. `size` is the length of the content in octets; an empty sender is the null path.

    `identifier` asks for reports of what fails or is delayed further on, and names the mail in them (RFC 3461);
    empty asks for nothing.
    """

    sender: str
    recipients: tuple[str, ...]
    size: int
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Reception:
    """What the server said to one recipient: OK, RECIPIENT_REJECTED, RECIPIENT_TEMPORARY or NEEDS_SMTPUTF8."""

    recipient: str
    code: Code
    reply: str


@dataclass(frozen=True, slots=True)
class Command:
    """What to send before the next reply, and how the transcript shows it.

    Usually one line; a group of them where the rest are answered later (RFC 2920); nothing means: only listen.
    """

    line: bytes
    shown: str


LISTEN = Command(b"", "")


def group(commands: Sequence[Command]) -> Command:
    """Several commands in one write. Each of the others is shown in its turn, when only its reply is waited for."""
    return Command(b"".join([each.line for each in commands]), commands[0].shown)


# A part of the conversation: commands come out, replies go in, the result is returned.
Exchange = Generator[Command, Reply, T]


@lru_cache(maxsize=256)
def command(text: str, *, utf8: bool = False) -> Command:
    """Write one command.

    Raises ValueError for anything but printable ASCII (with `utf8`: printable text, RFC 6531) or a line over
    512 octets. Nothing is ever cut or replaced.
    """
    return Command(_line(text, "utf-8" if utf8 else "ascii", LONGEST_COMMAND), text)


def hidden_command(text: str, *, shown: str) -> Command:
    """Write one line of a sign-in; the transcript gets `shown`. Raises ValueError like `command`."""
    return Command(_line(text, "ascii", LONGEST_AUTH_LINE), shown)


def _line(text: str, encoding: str, longest: int) -> bytes:
    if not text.isprintable():
        raise ValueError("a command holds a character that is not printable")
    line = text.encode(encoding) + b"\r\n"
    if len(line) > longest:
        raise ValueError("a command is too long")
    return line
