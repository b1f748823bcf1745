"""Knows how one value is read from the environment, or from the file it names, and how a bad one is refused by name."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.domain.secret import Secret

_LONGEST_FILE = 64 * 1024


class BadSettingError(ValueError):
    """A setting that cannot be used. Its text names the setting and never repeats a secret."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Named values as text. An empty value counts as one that is not set; relative paths start at `root`."""

    values: Mapping[str, str]
    root: Path

    def refuse_unknown(self, prefix: str, known: Iterable[str]) -> None:
        """Raise BadSettingError for a name with `prefix` that is not among `known`: it would be silently ignored."""
        known_names = {name.removeprefix(prefix): name for name in known}
        for name in sorted(self.values):
            stem = name.removeprefix(prefix)
            if name.startswith(prefix) and known_names.get(stem) != name:
                raise BadSettingError(f"{name} is not a setting{_suggestion(stem, known_names)}")

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, "").strip() or default

    def secret(self, name: str) -> Secret | None:
        """The value of `name`, or the content of the file named by `name_FILE` without its last line end."""
        path, value = self.text(f"{name}_FILE"), self.values.get(name, "")
        if path and value:
            raise BadSettingError(f"{name} and {name}_FILE are both set: keep one of them")
        if path:
            value = self.file(f"{name}_FILE", path).removesuffix("\n").removesuffix("\r")
            if not value:
                raise BadSettingError(f"{name}_FILE: {path} is empty")
        return Secret(value) if value else None

    def file(self, name: str, path: str) -> str:
        """The text of the file at `path`, as far as `name` may point at it."""
        try:
            with Path(self.root, path).open(encoding="utf-8", newline="") as opened:
                content = opened.read(_LONGEST_FILE + 1)
        except (OSError, UnicodeDecodeError) as failure:
            reason = failure.strerror if isinstance(failure, OSError) else "not UTF-8 text"
            raise BadSettingError(f"{name}: {path} cannot be read ({reason})") from None
        if len(content) > _LONGEST_FILE:
            raise BadSettingError(f"{name}: {path} is longer than {_LONGEST_FILE} characters")
        return content

    def switch(self, name: str) -> bool:
        value = self.text(name, "0")
        if value not in {"0", "1"}:
            raise BadSettingError(f"{name} is 0 or 1, not {value!r}")
        return value == "1"

    def choice(self, name: str, *offered: str) -> str:
        """One of a few words; the first of them where nothing is set."""
        value = self.text(name, offered[0])
        if value not in offered:
            raise BadSettingError(f"{name} is {' or '.join(offered)}, not {value!r}")
        return value

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        return whole_number(name, self.text(name, str(default)), least=least, most=most)

    def items(self, name: str) -> tuple[str, ...]:
        """The entries of a comma-separated list, blanks around them removed."""
        return tuple(item.strip() for item in self.text(name).split(",") if item.strip())


def whole_number(name: str, text: str, *, least: int, most: int) -> int:
    """Read `text` as a plain decimal number between two bounds, both included."""
    # int() alone would also take "1_000", "+5", digits of other scripts, and numbers of any length.
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
        return int(text)
    raise BadSettingError(f"{name} is a whole number from {least} to {most}, not {text!r}")


def _suggestion(stem: str, known_names: Mapping[str, str]) -> str:
    closest = difflib.get_close_matches(stem, known_names, n=1)
    return f"; did you mean {known_names[closest[0]]}?" if closest else ""
