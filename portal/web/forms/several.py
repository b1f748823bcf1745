"""Knows which things were ticked in a list: no more than can be watched at once."""

from collections.abc import Sequence
from uuid import UUID

from portal.domain.errors import NotFoundError
from portal.web.forms.fields import id_from

MOST_AT_ONCE = 50


def ids_from(texts: Sequence[str]) -> list[UUID]:
    """Each once, in their order. Raises NotFoundError for what is no id, and for more than are ever offered."""
    found = [id_from(text) for text in dict.fromkeys(texts)]
    if len(found) > MOST_AT_ONCE:
        raise NotFoundError
    return found
