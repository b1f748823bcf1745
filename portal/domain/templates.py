"""Knows what a company may word in its own way: for which mails, in which languages, and with which placeholders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from portal.domain.addresses import canonical_address
from portal.domain.config_rules import LONGEST_NAME
from portal.domain.errors import InvalidError, Problem
from portal.domain.outgoing import Mailbox, Purpose
from portal.domain.placeholders import names_in
from portal.domain.text import clean_text, text_problems

LONGEST_SUBJECT = 200
LONGEST_TEXT = 10_000
LONGEST_EDGE = 1_000


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`required` are links without which the mail would be of no use."""

    name: str
    required: bool = False


_LINK = Placeholder("url", required=True)
_EVERYWHERE = (Placeholder("company"), Placeholder("product"))
PLACEHOLDERS: Mapping[Purpose, tuple[Placeholder, ...]] = MappingProxyType(
    {
        Purpose.INVITATION: (_LINK, Placeholder("hours"), Placeholder("inviter"), *_EVERYWHERE),
        Purpose.PASSWORD_RESET: (_LINK, Placeholder("minutes"), *_EVERYWHERE),
        Purpose.PASSWORD_CHANGED: (Placeholder("name"), *_EVERYWHERE),
        Purpose.NEW_SIGN_IN: (
            Placeholder("name"),
            Placeholder("time"),
            Placeholder("browser"),
            Placeholder("address"),
            *_EVERYWHERE,
        ),
        Purpose.ALERT: (Placeholder("config"), Placeholder("reason"), Placeholder("url"), *_EVERYWHERE),
        Purpose.CONTACT_CONFIRMATION: (
            _LINK,
            Placeholder("hours"),
            Placeholder("inviter"),
            Placeholder("customer"),
            *_EVERYWHERE,
        ),
        Purpose.INVOICE: (
            Placeholder("number"),
            Placeholder("note"),
            Placeholder("issuer"),
            Placeholder("customer"),
            *_EVERYWHERE,
        ),
        Purpose.RECOVERY: (Placeholder("config"), Placeholder("url"), *_EVERYWHERE),
    }
)
LINKS = frozenset({_LINK.name})


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one template, as typed or as judged. An empty sender field leaves that one to the configuration.

    `header` and `footer` stand above and below the text; without a footer ours stands there.
    """

    subject: str
    text: str
    header: str = ""
    footer: str = ""
    from_name: str = ""
    from_address: str = ""

    @property
    def sender(self) -> Mailbox | None:
        return Mailbox(self.from_address, self.from_name) if self.from_address or self.from_name else None


class Origin(StrEnum):
    """Whose words a mail uses."""

    OWN = "own"
    INHERITED = "inherited"
    BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One mail in the list. `published_at` and `has_draft` speak of the company's own template alone."""

    purpose: Purpose
    origin: Origin
    published_at: datetime | None
    has_draft: bool


@dataclass(frozen=True, slots=True)
class Template:
    """One mail's words for somebody who may edit them.

    `published` and `draft` are the company's own, where there are any; `applying` are the words that are sent now,
    None for those built in. `version` is 0 while there is no own template.
    """

    purpose: Purpose
    language: str
    origin: Origin
    applying: Wording | None
    published: Wording | None
    draft: Wording | None
    version: int


def judged(purpose: Purpose, typed: Wording) -> Wording:
    """Clean what was typed and judge it. Raises InvalidError with every problem at its field."""
    problems: list[Problem] = []
    cleaned = {field: _cleaned(field, getattr(typed, field), problems) for field in _LONGEST}
    wording = Wording(**cleaned, from_address=_address(typed.from_address, problems))
    troubled = {problem.field for problem in problems}
    problems += [
        each for field in _FILLED if field not in troubled for each in _placeholder_problems(purpose, field, wording)
    ]
    if problems:
        raise InvalidError(problems)
    return wording


_LONGEST = {
    "subject": LONGEST_SUBJECT,
    "text": LONGEST_TEXT,
    "header": LONGEST_EDGE,
    "footer": LONGEST_EDGE,
    "from_name": LONGEST_NAME,
}
_FILLED = ("subject", "text", "header", "footer", "from_name")
_LINES = frozenset({"text", "header", "footer"})


def _cleaned(field: str, text: str, problems: list[Problem]) -> str:
    if len(text) > 2 * _LONGEST[field]:  # nothing longer is even looked at
        problems.append(Problem(field, "too-long", {"longest": _LONGEST[field]}))
        return ""
    try:
        cleaned = clean_text(text, multiline=field in _LINES)
    except ValueError:
        problems.append(Problem(field, "bad-character"))
        return ""
    problems.extend(text_problems(field, cleaned, longest=_LONGEST[field], required=field in {"subject", "text"}))
    return cleaned


def _address(text: str, problems: list[Problem]) -> str:
    if not text.strip():
        return ""
    try:
        return canonical_address(text)
    except ValueError:
        problems.append(Problem("from_address", "not-an-address"))
        return ""


def _placeholder_problems(purpose: Purpose, field: str, wording: Wording) -> Iterator[Problem]:
    # A sender is somebody, not whoever the mail is about.
    known = {each.name for each in PLACEHOLDERS[purpose]} if field != "from_name" else set()
    # A link belongs to the text, where it can be clicked; a subject shows in every list and notification.
    known -= LINKS if field == "subject" else set()
    try:
        names = names_in(getattr(wording, field))
    except ValueError:
        yield Problem(field, "braces")
        return
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        yield Problem(field, "unknown-placeholder", {"name": unknown})
    if field == "text":
        missing = next((each.name for each in PLACEHOLDERS[purpose] if each.required and each.name not in names), None)
        if missing is not None:
            yield Problem(field, "placeholder-missing", {"name": missing})
