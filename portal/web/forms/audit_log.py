"""Knows the question in the address of an audit log."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from portal.domain.audit import AuditQuery, EventGroup
from portal.domain.errors import NotFoundError
from portal.i18n.times import beginning_of, end_of
from portal.web.forms.mail_log import find_choice
from portal.web.sorting import REVERSED

FILTERS = ("q", "who", "kind", "since", "until")
ASKED = (*FILTERS, "order")
_LONGEST_WORDS = 200
# More digits than any log has entries, and fewer than a database's numbers have.
_MOST_DIGITS = 9


def query_from(asked: MultiDict[str, str]) -> AuditQuery:
    """What the address asks for; what it does not understand it leaves out. Days are the reader's."""
    return AuditQuery(
        group=find_choice(EventGroup, asked.get("kind")),
        who=_words(asked.get("who")),
        words=_words(asked.get("q")),
        since=beginning_of(asked.get("since")),
        until=end_of(asked.get("until")),
        is_reversed=asked.get("order") == REVERSED,
    )


def asked_in(values: MultiDict[str, str]) -> Mapping[str, str]:
    """The question as it stands in an address, without the page."""
    return {name: values[name] for name in ASKED if values.get(name)}


def number_from(text: str | None) -> int | None:
    """Raises NotFoundError for what is no number of an entry."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotFoundError
    return int(text)


def _words(text: str | None) -> str:
    """No text in the log holds a NUL, and PostgreSQL refuses to be asked for one."""
    return (text or "").replace("\0", "").strip()[:_LONGEST_WORDS]
