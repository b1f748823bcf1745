"""Knows an invoice: which company gets it from the one above, and what became of it at each recipient."""

import re
from dataclasses import dataclass
from datetime import datetime

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.errors import InvalidError, Problem
from portal.domain.ids import InvoiceId, MessageId
from portal.domain.text import clean_text, text_problems

LARGEST_PDF = 10 * 1024 * 1024  # octets
LONGEST_NUMBER, LONGEST_NOTE, _LONGEST_FILE_NAME = 60, 1_000, 120
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


@dataclass(frozen=True, slots=True)
class TypedInvoice:
    """As somebody typed it, with the file as it came."""

    number: str
    note: str
    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an invoice at one recipient."""

    email: str
    state: State
    code: Code
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """`message_id` leads to the mail in the log of the company that sent it; `receipts` are empty once that is gone."""

    id: InvoiceId
    number: str
    file_name: str
    created_at: datetime
    message_id: MessageId
    receipts: tuple[Receipt, ...]


def judged(typed: TypedInvoice) -> TypedInvoice:
    """Clean what was typed and judge it. Raises InvalidError with every problem at its field."""
    problems: list[Problem] = []
    number = _cleaned("number", typed.number, problems, longest=LONGEST_NUMBER, is_text=False)
    note = _cleaned("note", typed.note, problems, longest=LONGEST_NOTE, is_text=True)
    if not typed.content:
        problems.append(Problem("file", "required"))
    elif len(typed.content) > LARGEST_PDF:
        problems.append(Problem("file", "too-large", {"most": LARGEST_PDF // 1024 // 1024}))
    elif not typed.content.startswith(b"%PDF-"):
        problems.append(Problem("file", "not-a-pdf"))
    if problems:
        raise InvalidError(problems)
    return TypedInvoice(number, note, _safe_name(typed.file_name), typed.content)


def _cleaned(field: str, text: str, problems: list[Problem], *, longest: int, is_text: bool) -> str:
    try:
        cleaned = clean_text(text[: 2 * longest], multiline=is_text)
    except ValueError:
        problems.append(Problem(field, "bad-character"))
        return ""
    problems.extend(text_problems(field, cleaned, longest=longest, required=not is_text))
    return cleaned


def _safe_name(text: str) -> str:
    """A name that no mail program and no file system stumbles over, with the ending that it deserves."""
    stem = _UNSAFE.sub(" ", text.rpartition("/")[2].rpartition("\\")[2]).strip(" .")
    stem = stem[:-4] if stem.casefold().endswith(".pdf") else stem
    printable = "".join(character for character in stem if character.isprintable())
    return f"{' '.join(printable.split())[:_LONGEST_FILE_NAME] or 'invoice'}.pdf"
