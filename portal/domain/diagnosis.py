"""Knows the steps of a delivery, the outcomes they can have, and what each outcome means for the mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Step(StrEnum):
    """The steps of one SMTP session, in the order in which they happen."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREET = "greet"
    ENCRYPT = "encrypt"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"
    ACCEPT = "accept"


class Status(StrEnum):
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Code(StrEnum):
    """Every outcome a delivery can have: stable, stored, and shown as a sentence by the doors."""

    OK = "ok"
    NAME = "net.name"
    BLOCKED = "net.blocked"
    DESTINATIONS = "net.budget"
    REFUSED = "net.refused"
    TIMEOUT = "net.timeout"
    SILENT = "net.silent"
    SLOW = "net.slow"
    LOST = "net.lost"
    FLOOD = "proto.flood"
    NOT_SMTP = "proto.not_smtp"
    UNEXPECTED = "proto.unexpected"
    GARBAGE = "proto.garbage"
    BUSY = "srv.busy"
    SERVER_REFUSED = "srv.refused"
    TLS_MISSING = "tls.missing"
    TLS_INJECTED = "tls.injected"
    TLS_FAILED = "tls.failed"
    TLS_OLD = "tls.old"
    TLS_UNTRUSTED = "tls.untrusted"
    TLS_EXPIRED = "tls.expired"
    TLS_NAME = "tls.name"
    TLS_PIN = "tls.pin"
    AUTH_UNSUPPORTED = "auth.unsupported"
    AUTH_REJECTED = "auth.rejected"
    AUTH_TEMPORARY = "auth.temp"
    AUTH_CLEARTEXT = "auth.cleartext_blocked"
    SENDER_REJECTED = "sender.rejected"
    RECIPIENT_REJECTED = "rcpt.rejected"
    RECIPIENT_TEMPORARY = "rcpt.temp"
    NEEDS_SMTPUTF8 = "rcpt.needs_smtputf8"
    TOO_LARGE = "msg.too_large"
    CONTENT_REJECTED = "msg.rejected"
    DOES_NOT_FIT = "msg.does_not_fit"
    UNWRITABLE = "msg.unwritable"
    UNKNOWN = "result.unknown"
    INTERNAL = "portal.error"
    NO_CONFIG = "config.none"
    SUSPENDED = "tenant.suspended"
    LET_GO = "route.let_go"
    ROUTE_CHANGED = "route.changed"
    RESTORED = "queue.restored"
    HELD_BACK = "queue.held-back"
    PASSWORD_NEEDED = "config.password_needed"  # noqa: S105 - an outcome, not a password


@dataclass(frozen=True, slots=True)
class Finding:
    """What was learnt at one step.

    `fact` is a stable key for a one-line sentence ("tls" with version, subject and expiry); `values` fill it in.
    `reply` is the server's text, already filtered and free of secrets, empty when there was none.
    """

    step: Step
    status: Status
    milliseconds: int
    code: Code = Code.OK
    fact: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    reply: str = ""
