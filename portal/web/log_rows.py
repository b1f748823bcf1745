"""Knows how the rows of a mail log come about: alike but for what each mail has of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from flask import url_for
from markupsafe import Markup

from portal.domain.delivery import State
from portal.domain.diagnosis import Code
from portal.domain.mail_log import LogLine
from portal.i18n.times import moment
from portal.web.addresses import ANY_TENANT, address
from portal.web.patterns import Pattern, kept_pattern
from portal.web.sentences import purpose_name, state_name
from portal.web.tones import state_tone

_OWN = ("at", "text", "company", "href", "subject", "why_url", "recipient", "again")
_ANYBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Cells:
    """What writes a row, and what writes its state and when a mail is tried again."""

    row: Callable[..., str]
    state: Callable[..., str]
    again: Callable[..., str]


class _Kind(NamedTuple):
    """What a row shows beside what is its own; most rows of a page are of few kinds."""

    purpose: str
    state: State
    code: Code
    is_own_route: bool
    is_somebodys: bool


@dataclass(frozen=True, slots=True)
class _Alike:
    """What rows of a kind have in common: what they look like, why, and the way to where it is explained."""

    pattern: Pattern
    reason: str
    way: str


def log_rows(lines: Sequence[LogLine], cells: Cells, reason: Callable[..., str], *, shows_company: bool) -> Markup:
    rows = _rows(lines, cells, reason, shows_company=shows_company)
    return Markup("".join(rows))  # noqa: S704 # nosec B704 - every piece is safe


def _rows(lines: Sequence[LogLine], cells: Cells, reason: Callable[..., str], *, shows_company: bool) -> Iterator[str]:
    plain = kept_pattern(cells.row, *_OWN, "purpose", "state", shows_company=shows_company)
    alike: dict[_Kind, _Alike] = {}
    for line in lines:
        kind = _Kind(line.purpose, line.state, line.code, line.is_own_route, line.user_id is not None)
        if kind not in alike:
            alike[kind] = _alike(kind, plain, cells, reason(line.code, is_own=line.is_own_route))
        yield alike[kind].pattern.filled(*_own(line, alike[kind], cells))


def _alike(kind: _Kind, plain: Pattern, cells: Cells, why: str) -> _Alike:
    anybody = _ANYBODY if kind.is_somebodys else None
    state = cells.state(state_name(kind.state), state_tone(kind.state), why)
    return _Alike(
        pattern=plain.partly_filled(purpose=purpose_name(kind.purpose), state=state),
        reason=why,
        way=url_for("explanations.show", tenant_id=ANY_TENANT, user=anybody, purpose=kind.purpose),
    )


def _own(line: LogLine, alike: _Alike, cells: Cells) -> tuple[str, ...]:
    way = alike.way.replace(str(ANY_TENANT), str(line.tenant_id)).replace(str(_ANYBODY), str(line.user_id))
    return (
        line.created_at.isoformat(),
        moment(line.created_at),
        line.tenant_name,
        f"{address('mail_log.index', tenant_id=line.tenant_id)}/{line.message_id}",
        line.subject,
        way,
        line.recipient,
        cells.again(line.next_at) if line.next_at and alike.reason else "",
    )
