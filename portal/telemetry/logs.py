"""Knows how a line of the log is written: for people as a sentence, for machines as one JSON object."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.config import dictConfig
from time import perf_counter

from portal.telemetry.tracing import NAMES, about, known, known_of

FORMATS = ("text", "json")
_FACTS = "portal_facts"
_requests = logging.getLogger("portal.requests")
_mails = logging.getLogger("portal.mails")
_audit = logging.getLogger("portal.audit")


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._started = perf_counter()

    @property
    def milliseconds(self) -> int:
        return round((perf_counter() - self._started) * 1000)


def tell_request(method: str, route: str, status: int, watch: Stopwatch) -> None:
    """One line for each request. `route` is the pattern, never the path: that may carry a link which works once."""
    facts = {"method": method, "route": route, "status": status, "ms": watch.milliseconds}
    _requests.info("%s %s %d in %d ms", *facts.values(), extra={_FACTS: facts})


def tell_tampered(tenant_id: object, what: str) -> None:
    """One line for each time that an audit log is met which is not as the portal left it."""
    with about(tenant_id=tenant_id):
        _audit.error("audit log: %s", what)


def tell_queued(message_id: object, tenant_id: object, purpose: str, lane: str) -> None:
    """One line for each mail that is queued; its request is known by now, if there is one."""
    facts = {"purpose": purpose, "lane": lane}
    with about(message_id=message_id, tenant_id=tenant_id):
        _mails.info("queued: %s, lane %s", purpose, lane, extra={_FACTS: facts})


def tell_attempt(code: str, lane: str, config_id: object, watch: Stopwatch) -> None:
    """One line for each attempt at a mail. `config_id` is None for the instance default."""
    facts = {"code": code, "lane": lane, "config_id": str(config_id) if config_id else None, "ms": watch.milliseconds}
    text = "attempt ended with %s, lane %s, configuration %s, in %d ms"
    shown = facts["config_id"] or "instance default"
    _mails.info(text, code, lane, shown, facts["ms"], extra={_FACTS: facts})


class JsonLines(logging.Formatter):
    """One object a line. JSON escapes every line break, so no value can begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(record),
            **getattr(record, _FACTS, {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = {"type": record.exc_info[0].__name__, "stack": self.formatException(record.exc_info)}
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """A sentence with the ids behind it. Whatever would begin another line is written as an escape, or indented."""

    def format(self, record: logging.LogRecord) -> str:
        ids = " ".join(f"{name}={_on_one_line(value)}" for name, value in _ids(record).items())
        head = f"{_time(record)} {record.levelname} {record.name}: {_on_one_line(record.getMessage())}"
        line = f"{head} [{ids}]" if ids else head
        if record.exc_info and record.exc_info[0] is not None:
            stack = self.formatException(record.exc_info)
            line += "".join(f"\n    {_on_one_line(each)}" for each in stack.splitlines())
        return line


def is_configured() -> bool:
    return bool(logging.getLogger().handlers)


def configure(log_format: str, *, level: str = "INFO") -> None:
    """Let everything that is logged in this process go to stderr in this format.

    `level` is what the portal tells at least; of others only warnings are told.
    """
    formatter = JsonLines if log_format == "json" else TextLines
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": formatter}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}
            },
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {
                "portal": {"level": level, "handlers": [], "propagate": True},
                "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            },
        }
    )


def _ids(record: logging.LogRecord) -> Mapping[str, str]:
    error = record.exc_info[1] if record.exc_info else None
    found = {**known(), **known_of(error)}
    return {name: found[name] for name in NAMES if name in found}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _on_one_line(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
