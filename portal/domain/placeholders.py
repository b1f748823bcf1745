"""Knows the one thing that a template's words can do: `{{name}}` stands for a value. There is nothing else to know."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NAME = re.compile(r"(?<!\{)\{\{ ?([a-z_]{1,30}) ?\}\}(?!\})")
_BRACES = re.compile(r"\{\{|\}\}")
_WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line. `href` is set where the piece is an address to click on."""

    text: str
    href: str = ""


Line = tuple[Run, ...]
Paragraph = tuple[Line, ...]


def names_in(text: str) -> list[str]:
    """The names of the placeholders, in order. Raises ValueError for double braces that hold no name."""
    if _BRACES.search(_NAME.sub("", text)):
        raise ValueError("braces")
    return _NAME.findall(text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, once: braces within a value stay braces, and no value brings a line end with it."""
    clean = _one_line_each(values)
    return _NAME.sub(lambda found: clean.get(found[1], ""), text)


def paragraphs(text: str, values: Mapping[str, str], *, links: Iterable[str] = ()) -> tuple[Paragraph, ...]:
    """The same for HTML, not yet escaped: blank lines part paragraphs, the values named in `links` can be clicked."""
    clean = _one_line_each(values)
    hrefs = {name: clean[name] for name in links if clean.get(name, "").startswith(_WEB)}
    blocks = (block.strip("\n") for block in re.split(r"\n[ \t]*\n", text))
    return tuple(tuple(_line(line, clean, hrefs) for line in block.split("\n")) for block in blocks if block)


def _line(line: str, values: Mapping[str, str], hrefs: Mapping[str, str]) -> Line:
    # A pattern with one group splits into text and names by turns.
    pieces = _NAME.split(line)
    texts = pieces[::2]
    named = [Run(values.get(name, ""), hrefs.get(name, "")) for name in pieces[1::2]]
    runs = [Run(texts[0]), *(run for pair in zip(named, map(Run, texts[1:]), strict=True) for run in pair)]
    return tuple(run for run in runs if run.text)


def _one_line_each(values: Mapping[str, str]) -> dict[str, str]:
    return {name: "".join(" " if _breaks(each) else each for each in value) for name, value in values.items()}


def _breaks(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
