"""Knows the question in the address of a mail log, and how it is put into one again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from portal.domain.ids import ConfigId
from portal.domain.mail_log import Cursor, LogGroup, LogQuery
from portal.domain.outgoing import Purpose
from portal.i18n.times import beginning_of, end_of
from portal.web.forms.fields import find_id, id_from
from portal.web.sorting import REVERSED

FILTERS = ("q", "state", "config", "user", "purpose", "since", "until", "below")
ASKED = (*FILTERS, "order")
_LONGEST_WORDS = 200
Chosen = TypeVar("Chosen", bound=StrEnum)


def query_from(asked: MultiDict[str, str]) -> LogQuery:
    """What the address asks for; what it does not understand it leaves out. Raises NotFoundError for what is no id.

    Days begin and end where the reader is.
    The user is not read here: he is named by his address.
    """
    config_id = find_id(asked.get("config"))
    return LogQuery(
        group=find_choice(LogGroup, asked.get("state")),
        config_id=ConfigId(config_id) if config_id else None,
        purpose=find_choice(Purpose, asked.get("purpose")),
        since=beginning_of(asked.get("since")),
        until=end_of(asked.get("until")),
        words=asked.get("q", "").strip()[:_LONGEST_WORDS],
        below=asked.get("below") == "1",
        after=cursor_from(asked.get("after")),
        is_reversed=asked.get("order") == REVERSED,
    )


def asked_in(values: MultiDict[str, str]) -> Mapping[str, str]:
    """The question as it stands in an address, without the page."""
    return {name: values[name] for name in ASKED if values.get(name)}


def cursor_text(cursor: Cursor) -> str:
    return f"{cursor.at.isoformat()}_{cursor.recipient_id}"


def cursor_from(text: str | None) -> Cursor | None:
    """Raises NotFoundError for what is no place in a log."""
    if not text:
        return None
    at, _separator, recipient_id = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Cursor(moment.replace(tzinfo=moment.tzinfo or UTC), id_from(recipient_id))


def find_choice(kind: type[Chosen], text: str | None) -> Chosen | None:
    """The member with this value, or None for whatever is none."""
    return next((each for each in kind if each.value == text), None)
