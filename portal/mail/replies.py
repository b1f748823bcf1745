"""Knows what an SMTP reply looks like (RFC 5321 §4.2) and how much of one is too much."""

import re
from dataclasses import dataclass
from functools import lru_cache

from portal.domain.diagnosis import Code

LONGEST_LINE = 4 * 1024
MOST_LINES = 100
LARGEST_REPLY = 64 * 1024
LARGEST_SESSION = 256 * 1024
_SHORT = 80

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?\Z", re.DOTALL)
_START = re.compile(rb"[2-5](?:[0-9](?:[0-9](?:[ \r\n-].*)?)?)?\Z", re.DOTALL)
# RFC 3463 §2: the class of an enhanced code repeats the first digit of the reply code.
_ENHANCED = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}(?= |\Z)")


class BadReplyError(Exception):
    """What came is no reply (GARBAGE) or more than a reply may be (FLOOD). It carries none of the bytes."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply. `lines` are the texts without their codes, undecodable bytes replaced."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    @property
    def kind(self) -> int:
        """The first digit: 2 done, 3 go on, 4 not now, 5 no."""
        return self.code // 100


class ReplyReader:
    """Turns the bytes of one session into replies. Its limits hold over all that one mail hears, TLS or not."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._total = 0
        self._size = 0
        self._lines: list[tuple[int, str]] = []

    def renew(self) -> None:
        """Count anew, for the next mail of the same session; what has arrived stays."""
        self._total = len(self._buffer)

    @property
    def heard_nothing(self) -> bool:
        return self._total == 0

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer. Raises BadReplyError(FLOOD) over 256 KiB a session."""
        self._total += len(data)
        if self._total > LARGEST_SESSION:
            raise BadReplyError(Code.FLOOD)
        self._buffer += data

    def next_reply(self) -> Reply | None:
        """Return the next whole reply, or None until more bytes come. Raises BadReplyError."""
        while (line := self._next_line()) is not None:
            if self._take(line):
                return self._finished()
        return None

    def leftover(self) -> bytes:
        """What has arrived beyond the replies taken so far: after 220 to STARTTLS it must be empty."""
        return bytes(self._buffer)

    def _next_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", 0, LONGEST_LINE)
        if end < 0:
            self._judge_beginning()
            return None
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    def _judge_beginning(self) -> None:
        """A peer that speaks something else is known by its first bytes, without waiting for a line end."""
        if self._buffer and not _START.match(self._buffer):
            raise BadReplyError(Code.GARBAGE)
        if len(self._buffer) >= LONGEST_LINE:
            raise BadReplyError(Code.FLOOD)

    def _take(self, line: bytes) -> bool:
        """Add a line to the reply; tell whether it was the last."""
        # Servers say the same few short lines over and over; what is longer is not worth remembering.
        code, more, text = _read(line) if len(line) > _SHORT else _read_again(line)
        if self._lines and self._lines[0][0] != code:
            raise BadReplyError(Code.GARBAGE)
        self._size += len(line)
        self._lines.append((code, text))
        if self._size > LARGEST_REPLY or len(self._lines) > MOST_LINES:
            raise BadReplyError(Code.FLOOD)
        return not more

    def _finished(self) -> Reply:
        code = self._lines[0][0]
        texts = tuple([text for _, text in self._lines])
        self._lines, self._size = [], 0
        enhanced = _ENHANCED.match(texts[0])
        return Reply(code, enhanced[0] if enhanced and int(enhanced[1]) == code // 100 else "", texts)


def _read(line: bytes) -> tuple[int, bool, str]:
    """The code of a line, whether more lines follow, and its text. Raises BadReplyError."""
    match = _LINE.match(line.removesuffix(b"\n").removesuffix(b"\r"))
    if match is None:
        raise BadReplyError(Code.GARBAGE)
    return int(match[1]), match[2] == b"-", (match[3] or b"").decode("utf-8", "replace")


_read_again = lru_cache(maxsize=256)(_read)
