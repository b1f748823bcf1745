"""Knows what of a peer's text may be kept: printable, short, and free of the secrets of the session."""

import base64
import html
import json
import string
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from portal.mail.replies import Reply

LONGEST_TEXT = 200
HIDDEN = "[hidden]"

# A piece of a secret this long is as good as the secret; shorter forms are searched whole.
_FRAGMENT = 12
# Anything shorter stands in every text by chance: hiding it would tell it.
_SHORTEST = 4
# A server answers mail after mail in the same words.
_MOST_REMEMBERED = 64
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def printable(text: str) -> str:
    """Replace what a terminal or a page might act upon (controls, escapes, bidirectional marks) by a dot."""
    if text.isprintable() and "\ufffd" not in text:
        return text
    return "".join(character if character.isprintable() and character != "\ufffd" else "·" for character in text)


def shortened(text: str) -> str:
    """At most 200 printable characters."""
    text = printable(text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


class Redactor:
    """Filters text of one session. It knows the password in the forms in which a server may repeat it."""

    __slots__ = ("_cleaned", "_fragments")

    def __init__(self, *, username: str = "", password: str = "") -> None:
        self._fragments: dict[int, set[str]] = {}
        self._cleaned: dict[str, str] = {}
        for form in _forms(username, password) if password else ():
            self._remember(printable(form).translate(_LOWER))

    def __repr__(self) -> str:
        return "Redactor(hidden)"

    def told(self, reply: Reply) -> str:
        """A whole reply as one short text."""
        return self.clean(f"{reply.code} {' '.join(reply.lines)}".rstrip())

    def clean(self, text: str) -> str:
        cleaned = self._cleaned.get(text)
        if cleaned is None:
            if len(self._cleaned) >= _MOST_REMEMBERED:
                self._cleaned.clear()
            cleaned = self._cleaned[text] = shortened("".join(self._without_secrets(printable(text))))
        return cleaned

    def _remember(self, form: str) -> None:
        if len(form) < _SHORTEST:
            return
        length = min(len(form), _FRAGMENT)
        pieces = {form[start : start + length] for start in range(len(form) - length + 1)}
        self._fragments.setdefault(length, set()).update(pieces)

    def _without_secrets(self, text: str) -> Iterator[str]:
        end = 0
        for start, stop in self._runs(text.translate(_LOWER)):
            yield text[end:start] + HIDDEN
            end = stop
        yield text[end:]

    def _runs(self, text: str) -> Iterator[tuple[int, int]]:
        """The stretches to hide, in order, those that touch joined into one."""
        run: tuple[int, int] | None = None
        for start, stop in sorted(self._hits(text)):
            if run is None:
                run = start, stop
            elif start <= run[1]:
                run = run[0], max(run[1], stop)
            else:
                yield run
                run = start, stop
        if run is not None:
            yield run

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        for length, pieces in self._fragments.items():
            for start in range(len(text) - length + 1):
                if text[start : start + length] in pieces:
                    yield start, start + length


def _forms(username: str, password: str) -> Iterator[str]:
    raw = password.encode()
    yield password
    yield raw.hex()
    yield quote(password, safe="")
    yield quote_plus(password)
    yield html.escape(password)
    yield json.dumps(password)[1:-1]
    yield base64.b64encode(raw).decode()
    yield base64.b64encode(f"\0{username}\0{password}".encode()).decode()
    for shift in range(3):
        yield _inside_base64(raw, shift)


def _inside_base64(raw: bytes, shift: int) -> str:
    """How `raw` looks inside longer base64 text, `shift` octets after a group of three began."""
    encoded = base64.b64encode(b"\0" * shift + raw).decode()
    return encoded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
