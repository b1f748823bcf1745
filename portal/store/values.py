"""Knows what becomes of values on their way into a driver and out of it: as the toolkit would have it, but quicker."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, SafeUUID

from sqlalchemy import Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from portal.store.db import UtcTime

Change = Callable[[Any], Any]

_set = object.__setattr__
_NOT_SAID = SafeUUID.unknown


def writer(kind: TypeEngine[Any], dialect: Dialect) -> Change | None:
    """What makes of a value of this type what the driver takes; None where it takes it as it is."""
    if dialect.name == "sqlite" and isinstance(kind, UtcTime):
        return _text_of_time
    return kind.dialect_impl(dialect).bind_processor(dialect)


def reader(kind: TypeEngine[Any], dialect: Dialect, told: object) -> Change | None:
    """What makes a value of this type of anything but NULL; `told` is what the driver says of the column."""
    if dialect.name == "sqlite":
        if isinstance(kind, UtcTime):
            return _time_of_text
        if isinstance(kind, Uuid) and kind.as_uuid:
            return _uuid_of_text
    return kind.dialect_impl(dialect).result_processor(dialect, told)


def _text_of_time(value: datetime | None) -> str | None:
    """Naive UTC down to the microsecond, as the toolkit writes it."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def _time_of_text(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def _uuid_of_text(text: str) -> UUID:
    """What UUID(text) is, made without looking for the other forms of which that could be made."""
    made = object.__new__(UUID)
    _set(made, "int", int(text, 16))
    _set(made, "is_safe", _NOT_SAID)
    return made
