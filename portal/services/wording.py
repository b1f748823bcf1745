"""Knows what the words of a mail have to be before it is queued: able to travel, in the encoding asked for."""

import re
from collections.abc import Iterator

from portal.domain.charset import misfits
from portal.domain.errors import InvalidError, Problem
from portal.domain.mail_config import Draft, MisfitPolicy
from portal.domain.outgoing import Mailbox, Outgoing

# Control characters and halves of a surrogate pair; a text has lines, and tabs in them.
_UNSOUND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSOUND_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Where a text has nothing else, nothing unsound has to be looked for, which takes six times as long.
_SOUND_ASCII = bytes((0x09, 0x0A, *range(0x20, 0x7F)))


def ensure_sound(outgoing: Outgoing, recipients: tuple[Mailbox, ...]) -> None:
    """Refuse control characters and lone surrogates; texts may have several lines. Raises InvalidError."""
    broken = [name for name, text in _pieces(outgoing, recipients) if not _is_sound(name, text)]
    if broken:
        raise InvalidError(Problem(name, "bad-character") for name in broken)


def ensure_fits(outgoing: Outgoing, recipients: tuple[Mailbox, ...], draft: Draft) -> None:
    """Refuse what a strict configuration cannot carry, naming the first such character. Raises InvalidError."""
    problems = _misfits(outgoing, recipients, draft)
    if problems:
        raise InvalidError(problems)


def fits(outgoing: Outgoing, recipients: tuple[Mailbox, ...], draft: Draft) -> bool:
    """Whether the configuration can carry it."""
    return not _misfits(outgoing, recipients, draft)


def _misfits(outgoing: Outgoing, recipients: tuple[Mailbox, ...], draft: Draft) -> list[Problem]:
    if draft.misfit is not MisfitPolicy.STRICT:
        return []
    found = [(name, misfits(text, draft.charset)) for name, text in _pieces(outgoing, recipients)]
    return [
        Problem(name, "does-not-fit", {"character": first.character, "charset": draft.charset})
        for name, (first, *_rest) in ((name, misfit) for name, misfit in found if misfit)
    ]


def _pieces(outgoing: Outgoing, recipients: tuple[Mailbox, ...]) -> Iterator[tuple[str, str]]:
    yield "subject", outgoing.subject
    yield "text", outgoing.text
    yield "html", outgoing.html or ""
    for recipient in recipients:
        yield "recipient", recipient.name


def _is_sound(name: str, text: str) -> bool:
    if name not in {"text", "html"}:
        return not _UNSOUND_IN_A_LINE.search(text)
    is_plain = text.isascii() and not text.encode().translate(None, _SOUND_ASCII)
    return is_plain or not _UNSOUND.search(text)
