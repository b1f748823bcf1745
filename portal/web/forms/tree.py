"""Knows the question in the address of a tree, and how it is put into one again."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

from portal.domain.ids import TenantId
from portal.domain.tree import Show, TreeQuery
from portal.web.forms.mail_log import find_choice

_LONGEST_WORDS, _LONGEST_NAME, _MOST_OPEN = 200, 360, 50
# Stands where no branch is open, so that this differs from nothing being said.
_NONE = "none"


def query_from(asked: MultiDict[str, str]) -> TreeQuery:
    """What the address asks for; what it does not understand it leaves out."""
    return TreeQuery(
        words=words_in(asked.get("q")),
        show=find_choice(Show, asked.get("show")),
        opened=_opened_in(asked.getlist("open")),
        after=_printable(asked.get("after", ""))[:_LONGEST_NAME],
    )


def words_in(text: str | None) -> str:
    """What somebody looks for, without characters that no name has."""
    return _printable(text or "")[:_LONGEST_WORDS].strip()


def address_of(tenant_id: TenantId, query: TreeQuery) -> str:
    """The page of a company's tree that answers this."""
    opened = None if query.opened is None else [str(each) for each in query.opened[-_MOST_OPEN:]] or _NONE
    return url_for(
        "tenants.show",
        tenant_id=tenant_id,
        q=query.words or None,
        show=query.show.value if query.show else None,
        open=opened,
        after=query.after or None,
    )


def _opened_in(texts: Sequence[str]) -> tuple[TenantId, ...] | None:
    found = []
    for each in texts[-_MOST_OPEN:]:
        with suppress(ValueError):
            found.append(TenantId(UUID(each)))
    return tuple(dict.fromkeys(found)) if texts else None


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())
