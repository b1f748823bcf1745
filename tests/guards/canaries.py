"""Knows how a secret is marked so that it can be found again in whatever disguise, and where to look for it."""

import base64
import html
import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

# Looks different in HTML, in an address, in JSON and in bytes.
_AWKWARD = """ü"<&'>+%/ """


@dataclass(frozen=True, slots=True)
class Canary:
    """`name` is what is said of it in a test's report; `text` is the secret itself."""

    name: str
    text: str

    @property
    def disguises(self) -> dict[str, bytes]:
        """What to search for: the secret as it is, and as an encoding would have written it."""
        raw = self.text.encode()
        written = {
            "raw": self.text,
            "hex": raw.hex(),
            "HTML": html.escape(self.text),
            "URL": quote(self.text, safe=""),
            "form": quote_plus(self.text),
            "JSON": json.dumps(self.text)[1:-1],
            "reversed": self.text[::-1],
            "a fragment": self.text[-16:-2],
        }
        found = {name: text.encode() for name, text in written.items()}
        found |= {f"base64+{shift}": _base64(raw, shift) for shift in range(3)}
        return found | {
            f"{name}, URL-safe": found[name].translate(_URL_SAFE) for name in list(found) if "base64" in name
        }

    def hides_in(self, where: bytes) -> list[str]:
        """The disguises in which the secret stands there, in capital letters or small ones."""
        lower = where.lower()
        return [name for name, each in self.disguises.items() if each.lower() in lower]


@lru_cache(maxsize=1000)
def needles(secret: bytes) -> tuple[bytes, ...]:
    """The spellings that are looked for after every test: as it is, for HTML, in hex and in base64."""
    text = html.escape(secret.decode("utf-8", "replace")).encode()
    return (*{secret, secret.hex().encode(), text, *(_base64(secret, shift) for shift in range(3))},)


def canary(name: str, *, awkward: str = _AWKWARD) -> Canary:
    return Canary(name, f"{awkward}{secrets.token_hex(12)}")


def files_and_rows(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, and every row of the database in it."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    connection = sqlite3.connect(folder / "portal.db")
    try:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                cells = (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
                yield f"a row of {table}", b"\0".join(cells)
    finally:
        connection.close()


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _base64(raw: bytes, shift: int) -> bytes:
    """The middle of the base64 of anything that holds `raw`, `shift` bytes off a group of three."""
    encoded = base64.b64encode(bytes(shift) + raw)
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(raw)) * 8 // 6]
