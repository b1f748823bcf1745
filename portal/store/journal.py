"""Knows what servers answered, in files beside the database: an answer outlives a database that could not take it."""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from portal.domain.diagnosis import Code

# Longer than any mail waits: whoever restores an older database can still learn what left since.
KEPT = timedelta(days=8)
# Where the attempt's id stands in a line, so that a whole file is looked through once for any number of them.
_ATTEMPT = slice(len('{"attempt": "'), len('{"attempt": "') + 32)
_ANEW = b'{"restored": true}'
_BEHIND_ITS_END = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to the end of one mail; `queued_at` is when that mail was handed in."""

    attempt_id: UUID
    message_id: UUID
    queued_at: datetime
    code: Code
    reply: str


class Journal:
    """One file a day in `folder`, each line an answer, on the disk before `write` returns.

    Nothing of it is kept in memory: it is read only after a crash.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder)

    def write(self, answer: Answer, now: datetime, *, waits: bool = True) -> None:
        """Append an answer, and wait for the disk: for this one and for those before. Raises OSError.

        One that does not wait outlives the process, but not the machine.
        """
        self._append(json.dumps(_shape_of(answer)).encode(), now, waits=waits)

    def _append(self, text: bytes, now: datetime, *, waits: bool = True) -> None:
        descriptor, is_new = self._opened(_name_of(now))
        try:
            # Begins with a line end: what a crash tore off before it spoils no more than itself.
            line = b"\n" + text + b"\n"
            if os.write(descriptor, line) != len(line):
                raise OSError("the disk took only a part of the journal's line")
            if waits:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            self._keep_name()

    def _opened(self, name: str) -> tuple[int, bool]:
        """The file of a day, to be written behind its end; and whether it was not there before.

        It is looked for each time: whoever moves the folder away takes no later answer along.
        """
        path = f"{self._path}/{name}"
        try:
            return os.open(path, _BEHIND_ITS_END), False
        except FileNotFoundError:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            return os.open(path, _BEHIND_ITS_END | os.O_CREAT, 0o600), True

    def answers(self, attempt_ids: Collection[UUID], *, since: datetime) -> dict[UUID, Answer]:
        """Those of the answers to these attempts that were written down; none of the attempts began before `since`."""
        found = dict[UUID, Answer]()
        wanted = frozenset(attempt_id.hex.encode() for attempt_id in attempt_ids)
        for path in self._files(since - timedelta(days=1)):  # a clock may have been turned back
            for line in reversed(path.read_bytes().splitlines()):
                if line[_ATTEMPT] in wanted and (answer := _answer_from(line)):
                    found.setdefault(answer.attempt_id, answer)
        return found

    def latest(self) -> Iterator[Answer]:
        """Every answer that is still kept, the latest first."""
        for line in self._lines_backwards():
            if answer := _answer_from(line):
                yield answer

    def last(self) -> Answer | None:
        """The latest answer, or None where nothing was answered since the journal was begun, or begun anew."""
        for line in self._lines_backwards():
            if line == _ANEW:
                return None
            if answer := _answer_from(line):
                return answer
        return None

    def begin_anew(self, now: datetime) -> None:
        """From here on the answers belong to a restored database. Those before are kept for whoever asks for them."""
        self._append(_ANEW, now)

    def forget(self, now: datetime) -> None:
        """Throw away the files of days that no waiting mail can have seen."""
        for path in self._folder.glob("*.jsonl"):
            if path.name < _name_of(now - KEPT):
                path.unlink(missing_ok=True)

    def _lines_backwards(self) -> Iterator[bytes]:
        for path in self._files(None):
            yield from reversed(path.read_bytes().splitlines())

    def _files(self, since: datetime | None) -> list[Path]:
        """The latest first."""
        oldest = _name_of(since) if since else ""
        return sorted((path for path in self._folder.glob("*.jsonl") if path.name >= oldest), reverse=True)

    def _keep_name(self) -> None:
        """A new file is only found after a power cut if its folder was written too."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _name_of(day: datetime) -> str:
    return f"{day.astimezone(UTC).date()}.jsonl"


def _shape_of(answer: Answer) -> dict[str, str]:
    return {
        "attempt": answer.attempt_id.hex,
        "message": answer.message_id.hex,
        "queued": answer.queued_at.isoformat(),
        "code": answer.code.value,
        "reply": answer.reply,
    }


def _answer_from(line: bytes) -> Answer | None:
    """None for a line that a crash left unfinished."""
    try:
        shape = json.loads(line)
        return Answer(
            UUID(shape["attempt"]),
            UUID(shape["message"]),
            datetime.fromisoformat(shape["queued"]),
            Code(shape["code"]),
            shape["reply"],
        )
    except (ValueError, KeyError, TypeError):
        return None
