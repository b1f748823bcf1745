"""Knows which charset each piece of a mail goes out in, and the bytes of a text in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from portal.domain.charset import CODECS, DEFAULT_CHARSET, fits, misfits
from portal.domain.mail_config import MisfitPolicy
from portal.mail.refusals import DoesNotFitError, Note, UnwritableError

# RFC 1557: bodies in ISO-2022-KR go with header words in EUC-KR.
_HEADER_LABELS = {"iso-2022-kr": "euc-kr"}
_KOREAN_DESIGNATOR = b"\x1b$)C"


class Spelling(NamedTuple):
    """A text together with the label of a charset that carries it without loss."""

    text: str
    label: str


@dataclass(slots=True)
class Speller:
    """Chooses a charset for each piece of one mail and remembers what did not fit the configured one."""

    label: str
    policy: MisfitPolicy
    notes: list[Note] = field(default_factory=list)

    def body(self, part: str, text: str) -> Spelling:
        """Choose for a body. Raises UnwritableError for lone surrogates, which no charset carries."""
        return self._spell(part, text, self.label)

    def header(self, part: str, text: str) -> Spelling:
        """Choose for a header, whose label may differ from the body's (RFC 1557). Raises like `body`."""
        return self._spell(part, text, _HEADER_LABELS.get(self.label, self.label))

    def close(self) -> tuple[Note, ...]:
        """Return one note per piece that went out as UTF-8. Raises DoesNotFitError if the policy is strict."""
        if self.notes and self.policy is MisfitPolicy.STRICT:
            raise DoesNotFitError(tuple(self.notes))
        return tuple(self.notes)

    def _spell(self, part: str, text: str, label: str) -> Spelling:
        if fits(text, label):
            return Spelling(text, label)
        if not fits(text, DEFAULT_CHARSET):
            raise UnwritableError(f"{part}: lone surrogate")
        found = _first_of_each(part, text, label)
        self.notes.extend(found if self.policy is MisfitPolicy.STRICT else [next(found)])
        return Spelling(text, DEFAULT_CHARSET)


def encode(text: str, label: str) -> bytes:
    """Return the bytes of a text that fits `label`."""
    encoded = text.encode(CODECS[label])
    if label == "iso-2022-kr" and _KOREAN_DESIGNATOR in encoded:
        # RFC 1557: the designator stands once, at the beginning of a line; the codec writes it where Hangul begins.
        return _KOREAN_DESIGNATOR + encoded.replace(_KOREAN_DESIGNATOR, b"")
    return encoded


def _first_of_each(part: str, text: str, label: str) -> Iterator[Note]:
    seen = set()
    for misfit in misfits(text, label):
        if misfit.character not in seen:
            seen.add(misfit.character)
            yield Note(part, misfit.character, misfit.position)
