"""Knows HTML as strictly as it can be written: a tree of elements, and every fault of the markup on the way to it.

Stricter than the standard, which forgives: each element is closed by hand and in order, each value is quoted, each
ampersand is written out. So no browser has anything to mend, and what stands in the tree is what stands in the source.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_TOKEN = re.compile(
    r"(?P<doctype><!doctype html>)|<!--(?P<comment>.*?)-->"
    r"|</(?P<end>[A-Za-z][\w-]*)>"
    r"""|<(?P<start>[A-Za-z][\w-]*)(?P<attributes>(?:\s+[^\s"'<>/=]+(?:="[^"]*"|='[^']*')?)*)\s*(?P<closed>/?)>"""
    r"|(?P<text>[^<]+)|(?P<stray><)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""\s+([^\s"'<>/=]+)(?:="([^"]*)"|='([^']*)')?""")
_AMPERSAND = re.compile(r"&(#[0-9]+;|#x[0-9a-fA-F]+;|[A-Za-z0-9]+;)?")
_RAW = re.compile(r"(.*?)</(script|style)>", re.DOTALL)


@dataclass(eq=False)
class Element:
    """`text` is what stands directly in it; what stands in the elements within is theirs."""

    name: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def __str__(self) -> str:
        told = "".join(f' {name}="{self.attributes[name]}"' for name in ("id", "class") if name in self.attributes)
        return f"<{self.name}{told}>"

    @property
    def below(self) -> Iterator["Element"]:
        for child in self.children:
            yield child
            yield from child.below

    @property
    def above(self) -> Iterator["Element"]:
        if self.parent:
            yield self.parent
            yield from self.parent.above

    @property
    def is_foreign(self) -> bool:
        return self.name == "svg" or any(each.name == "svg" for each in self.above)

    @property
    def whole_text(self) -> str:
        return self.text + "".join(each.text for each in self.below)


class Reader:
    """Reads one page, or a fragment of one; `root` holds what is in it, `faults` what was wrong with it."""

    def __init__(self, source: str) -> None:
        self.root = Element("", {})
        self.faults: list[str] = []
        self._open = self.root
        self._read(source)

    def _read(self, source: str) -> None:
        place = 0
        while place < len(source):
            token = _TOKEN.match(source, place)
            assert token, source[place : place + 80]
            place = token.end()
            if token["start"]:
                self._start(token["start"], token["attributes"], is_closed=bool(token["closed"]))
                if self._open.name in {"script", "style"}:
                    place = self._raw(source, place)
            elif token["end"]:
                self._end(token["end"])
            elif token["text"]:
                self._judge_ampersands(token["text"], "text")
                self._open.text += token["text"]
            elif token["stray"]:
                self._fault(f"a < that begins nothing: {source[token.start() : place + 60]!r}")
        self.faults += [f"{each} is never closed" for each in (self._open, *self._open.above) if each is not self.root]

    def _start(self, name: str, attributes: str, *, is_closed: bool) -> None:
        element = Element(name, {}, self._open)
        pairs = [(each[1], each[2] or each[3] or "") for each in _ATTRIBUTE.finditer(attributes)]
        for attribute, value in pairs:
            if attribute in element.attributes:
                self._fault(f"{attribute} twice at <{name}>")
            self._judge_ampersands(value, f"{attribute} of <{name}>")
            element.attributes[attribute] = value
        if not element.is_foreign and any(each != each.lower() for each in (name, *element.attributes)):
            self._fault(f"capitals in <{name}{attributes}>")
        self._open.children.append(element)
        if is_closed and not element.is_foreign and name not in VOID:
            self._fault(f"<{name}/> does not close itself")
        if not is_closed and name not in VOID:
            self._open = element

    def _end(self, name: str) -> None:
        if self._open.name == name and self._open.parent:
            self._open = self._open.parent
        else:
            self._fault(f"</{name}> where {self._open} is open")

    def _raw(self, source: str, place: int) -> int:
        raw = _RAW.match(source, place)
        if not raw:
            return place
        self._open.text = raw[1]
        return raw.end(1)

    def _judge_ampersands(self, text: str, where: str) -> None:
        for each in _AMPERSAND.finditer(text):
            if not each[1] or (each[1][0] != "#" and each[1] not in html5):
                self._fault(f"a bare & in {where}: {text[each.start() : each.start() + 30]!r}")

    def _fault(self, text: str) -> None:
        self.faults.append(f"{text} (in {' '.join(str(each) for each in self._path())})")

    def _path(self) -> list[Element]:
        return [*reversed([each for each in self._open.above if each is not self.root]), self._open]
