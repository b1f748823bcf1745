"""Knows where the demo's mails lie: two files each, the mail as it came, and how it came."""

import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from portal.demo.letters import Arrival, Letter, read_letter
from portal.demo.private_files import write_private
from portal.domain.mail_config import Encryption

_MOST_KEPT = 500
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """At most 500 mails; the oldest go first. An id sorts by the time at which its mail came."""

    folder: Path
    clock: Callable[[], datetime]

    def store(self, arrival: Arrival, content: bytes) -> str:
        """Keep a mail and return its id. Raises OSError."""
        now = self.clock()
        letter_id = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
        write_private(self._content(letter_id), content)
        # A mail is there as soon as this second file is.
        facts = {**asdict(arrival), "received_at": now.isoformat()}
        write_private(self._facts(letter_id), json.dumps(facts).encode())
        for old in self._ids()[_MOST_KEPT:]:
            self._facts(old).unlink(missing_ok=True)
            self._content(old).unlink(missing_ok=True)
        return letter_id

    def newest(self, most: int, *, before: str = "") -> list[Letter]:
        """Up to `most` mails, newest first; with `before` only those older than that id."""
        older = [each for each in self._ids() if not before or each < before]
        found = (self.find(each) for each in older[:most])
        return [letter for letter in found if letter is not None]

    def find(self, letter_id: str) -> Letter | None:
        if not _ID.match(letter_id):
            return None
        with suppress(FileNotFoundError):
            facts = json.loads(self._facts(letter_id).read_bytes())
            content = self._content(letter_id).read_bytes()
            return read_letter(letter_id, datetime.fromisoformat(facts["received_at"]), _arrival(facts), content)
        return None

    def _ids(self) -> list[str]:
        return sorted((path.stem for path in self.folder.glob("*.json")), reverse=True)

    def _content(self, letter_id: str) -> Path:
        return self.folder / f"{letter_id}.eml"

    def _facts(self, letter_id: str) -> Path:
        return self.folder / f"{letter_id}.json"


def _arrival(facts: dict[str, str]) -> Arrival:
    return Arrival(
        sender=facts["sender"],
        recipients=tuple(facts["recipients"]),
        encryption=Encryption(facts["encryption"]),
        username=facts["username"],
    )
