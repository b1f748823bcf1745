"""Knows by which ids a line of the log is found again: those of the request, the company, the mail and the attempt."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import MappingProxyType, TracebackType

NAMES = ("request_id", "tenant_id", "message_id", "attempt_id")
_NOTHING: Mapping[str, object] = MappingProxyType({})
_known: ContextVar[Mapping[str, object]] = ContextVar("portal.known", default=_NOTHING)
_MARK = "portal_known"


def known() -> Mapping[str, str]:
    """The ids of what is done here and now."""
    return _texts(_known.get())


def begin(**ids: object) -> None:
    """From now on these ids are known here, and no others; without any, none. None as a value counts as absent."""
    _known.set(ids)


def about(**ids: object) -> AbstractContextManager[None]:
    """Within the block these ids are known as well. An error that ends it remembers them."""
    return _About({name: value for name, value in ids.items() if value is not None})


class _About(AbstractContextManager[None]):
    """A class, not a generator: it stands around every mail."""

    __slots__ = ("_ids", "_token")

    def __init__(self, ids: Mapping[str, object]) -> None:
        self._ids = ids

    def __enter__(self) -> None:
        self._token = _known.set({**_known.get(), **self._ids})

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            _remember(error)
        _known.reset(self._token)


def known_of(error: BaseException | None) -> Mapping[str, str]:
    """The ids that were known where an error came from, however far it has travelled since."""
    return _texts(getattr(error, _MARK, _NOTHING))


def _remember(error: Exception) -> None:
    """The innermost block knows best. What cannot be written on is logged without."""
    if not hasattr(error, _MARK) and hasattr(error, "__dict__"):
        setattr(error, _MARK, dict(_known.get()))


def _texts(ids: Mapping[str, object]) -> dict[str, str]:
    """They are spelled when a line is written: most of what is known is never told."""
    return {name: str(value) for name, value in ids.items() if value is not None}
