"""Knows by which ids a line of the log is found again: those of the request, the company, the mail and the attempt."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

NAMES = ("request_id", "tenant_id", "message_id", "attempt_id")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_known: ContextVar[Mapping[str, str]] = ContextVar("portal.known", default=_NOTHING)
_MARK = "portal_known"


def known() -> Mapping[str, str]:
    """The ids of what is done here and now."""
    return _known.get()


def begin(**ids: object) -> None:
    """From now on these ids are known here, and no others; without any, none. None as a value counts as absent."""
    _known.set(_texts(ids))


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Within the block these ids are known as well. An error that ends it remembers them."""
    token = _known.set({**_known.get(), **_texts(ids)})
    try:
        yield
    except Exception as error:
        _remember(error)
        raise
    finally:
        _known.reset(token)


def known_of(error: BaseException | None) -> Mapping[str, str]:
    """The ids that were known where an error came from, however far it has travelled since."""
    return getattr(error, _MARK, _NOTHING)


def _remember(error: Exception) -> None:
    """The innermost block knows best. What cannot be written on is logged without."""
    if not hasattr(error, _MARK) and hasattr(error, "__dict__"):
        setattr(error, _MARK, dict(_known.get()))


def _texts(ids: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in ids.items() if value is not None}
