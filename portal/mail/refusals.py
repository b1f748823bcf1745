"""Knows why a mail cannot be written: a text that does not fit its encoding, or bytes that must not leave."""

from dataclasses import dataclass

from portal.domain.errors import PortalError


@dataclass(frozen=True, slots=True)
class Note:
    """A character outside the configured charset: in which part it stands and where (counted from 0).

    Parts are `subject`, `from-name`, `to-name`, `reply-to-name`, `text`, `html` and `file-name`.
    """

    part: str
    character: str
    position: int


class DoesNotFitError(PortalError):
    """A strict configuration cannot carry the mail.

    `parts` names every distinct character that does not fit, once per part, where it first stands.
    """

    code = "does-not-fit"

    def __init__(self, parts: tuple[Note, ...]) -> None:
        super().__init__(", ".join(f"{note.part}: U+{ord(note.character):04X} at {note.position}" for note in parts))
        self.parts = parts


class UnwritableError(PortalError):
    """The mail cannot be written without breaking RFC 5322, or its bytes do not say what was meant."""

    code = "unwritable"
