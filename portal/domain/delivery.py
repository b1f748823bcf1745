"""Knows the life of a mail: its states, the only allowed steps between them, and the whole retry policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from portal.domain.diagnosis import Code
from portal.domain.health import CREDENTIALS_WAIT
from portal.domain.outgoing import Lane
from portal.domain.signals import Signal, signal_of


class State(StrEnum):
    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    COMMITTING = "committing"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    HELD = "held"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"


_WAITING = frozenset({State.LEASED, State.HELD, State.CANCELLED, State.EXPIRED})
EDGES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.QUEUED: _WAITING,
        State.DEFERRED: _WAITING,
        # A restored database holds what the journal may know to be sent.
        State.HELD: frozenset({State.QUEUED, State.CANCELLED, State.EXPIRED, State.SENT}),
        State.LEASED: frozenset(
            {State.SENDING, State.QUEUED, State.HELD, State.DEFERRED, State.FAILED, State.EXPIRED, State.QUARANTINED}
        ),
        State.SENDING: frozenset({State.COMMITTING, State.QUEUED, State.HELD, State.DEFERRED, State.FAILED}),
        # Back to the queue only by whoever knows that the dot was never said: mails pass the fence together.
        State.COMMITTING: frozenset({State.SENT, State.DEFERRED, State.FAILED, State.UNCERTAIN, State.QUEUED}),
        State.UNCERTAIN: frozenset({State.QUEUED, State.HELD}),
        State.SENT: frozenset(),
        # Only a person leads back from here.
        State.FAILED: frozenset({State.QUEUED}),
        State.CANCELLED: frozenset(),
        State.EXPIRED: frozenset({State.QUEUED}),
        State.QUARANTINED: frozenset({State.QUEUED, State.CANCELLED}),
    }
)
DUE = (State.QUEUED, State.DEFERRED)
UNSETTLED = (State.QUEUED, State.DEFERRED, State.HELD, State.LEASED, State.SENDING, State.COMMITTING, State.UNCERTAIN)
IN_HAND = (State.LEASED, State.SENDING, State.COMMITTING)
# Whoever looks at a poisoned mail wants to see it, and perhaps to send it.
NEEDS_CONTENT = frozenset({*UNSETTLED, State.QUARANTINED})
# What somebody may ask for once more, and what he may call off.
CAN_BE_RETRIED = frozenset({State.DEFERRED, State.HELD, State.FAILED, State.EXPIRED, State.QUARANTINED})
CAN_BE_CANCELLED = frozenset({State.QUEUED, State.DEFERRED, State.HELD, State.QUARANTINED})
# So long the content of what failed is kept for another try, sealed as before.
KEPT_FOR_RETRY = timedelta(days=7)


class IllegalStepError(RuntimeError):
    """A step that no rule allows: a bug, never the fault of a user or a server."""


def ensure_allowed(before: State, after: State) -> None:
    if after not in EDGES[before]:
        raise IllegalStepError(f"{before} → {after}")


class OnUncertain(StrEnum):
    """What becomes of a mail of which nobody knows whether it arrived."""

    REPEAT = "repeat"
    HOLD = "hold"


def on_uncertain(lane: Lane) -> OnUncertain:
    """A lost mail is worse than two copies, except where thousands of people would get them."""
    return OnUncertain.HOLD if lane is Lane.BULK else OnUncertain.REPEAT


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one recipient. `wait_for` is set for `deferred` only.

    What `costs_attempt` makes the next wait longer; what is nobody's fault, or the server's, does not.
    """

    state: State
    wait_for: timedelta | None = None
    costs_attempt: bool = True


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`was_split`: others of the same mail were accepted in this attempt. `is_paused`: its configuration was."""

    was_split: bool = False
    is_paused: bool = False


ORDINARY = Circumstances()


# After this many attempts that ended in a bug or a crash a mail is poison, and a person looks at it.
MOST_CRASHES = 3
# After this many attempts of unknown outcome a person decides: each of them may have left a copy at its recipient.
MOST_UNCERTAIN = 3
# RFC 5321 §4.5.4.1: retries wait, and longer each time; the message's own expiry ends them.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
# Greylisting ends within minutes, a full mailbox or server does not.
_RECIPIENT_WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 60, 120, 240))
_FULL_WAITS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240))
_SIGN_IN_WAIT, _FULL_RECIPIENT_WAIT = timedelta(minutes=10), timedelta(minutes=30)
LONGEST_WAIT = _WAITS[-1]
_SPREAD = 0.2  # of the longest wait: what waited through one outage does not come back in one second

# Nothing is wrong with the mail; it waits for somebody to choose, resume or shorten something.
_HOLDS = frozenset(
    {Code.DOES_NOT_FIT, Code.NO_CONFIG, Code.SUSPENDED, Code.ROUTE_CHANGED, Code.RESTORED, Code.HELD_BACK}
)
_PERMANENT = frozenset(
    {
        Code.UNWRITABLE,
        Code.SENDER_REJECTED,
        Code.RECIPIENT_REJECTED,
        Code.NEEDS_SMTPUTF8,
        Code.TOO_LARGE,
        Code.CONTENT_REJECTED,
    }
)
# The configuration has to be mended first; the mail waits for that until it expires.
_NEEDS_A_PERSON = frozenset(
    {
        Code.BLOCKED,
        Code.NOT_SMTP,
        Code.SERVER_REFUSED,
        Code.TLS_MISSING,
        Code.TLS_OLD,
        Code.TLS_UNTRUSTED,
        Code.TLS_EXPIRED,
        Code.TLS_NAME,
        Code.TLS_PIN,
        Code.AUTH_UNSUPPORTED,
        Code.AUTH_REJECTED,
        Code.AUTH_CLEARTEXT,
        Code.PASSWORD_NEEDED,
    }
)


def judge(code: Code, *, attempts: int, reply: str = "", circumstances: Circumstances = ORDINARY) -> Verdict:
    """Decide what becomes of a recipient after its `attempts`-th attempt (counted from 1) ended with `code`.

    `reply` is the server's, with its code. The rows of the retry table stand in tests/services/test_retry_table.py.
    """
    if code is Code.OK:
        return Verdict(State.SENT)
    if code is Code.LET_GO:
        return Verdict(State.QUEUED, costs_attempt=False)
    if code is Code.UNKNOWN:
        return Verdict(State.UNCERTAIN)
    if code in _HOLDS:
        return Verdict(State.HELD)
    if code is Code.SENDER_REJECTED and circumstances.is_paused:
        return Verdict(State.DEFERRED, CREDENTIALS_WAIT, costs_attempt=False)
    if code in _PERMANENT:
        return Verdict(State.FAILED)
    if code in _NEEDS_A_PERSON:
        return Verdict(State.DEFERRED, CREDENTIALS_WAIT, costs_attempt=False)
    return _put_off(code, attempts, signal_of(code, reply), circumstances)


def spread(wait: timedelta, lot: float) -> timedelta:
    """The longest wait, up to a fifth shorter or longer, as `lot`, from 0 to 1, says. Shorter ones stay as they are."""
    return wait * (1 - _SPREAD + 2 * _SPREAD * lot) if wait >= LONGEST_WAIT else wait


def _put_off(code: Code, attempts: int, signal: Signal, circumstances: Circumstances) -> Verdict:
    if signal is Signal.TOO_MANY:
        if circumstances.was_split:
            return Verdict(State.QUEUED, costs_attempt=False)
        return Verdict(State.DEFERRED, _FULL_RECIPIENT_WAIT)
    if code is Code.AUTH_TEMPORARY:
        return Verdict(State.DEFERRED, _SIGN_IN_WAIT)
    waits = _RECIPIENT_WAITS if code is Code.RECIPIENT_TEMPORARY else _WAITS
    if signal in {Signal.UNREACHED, Signal.SLOWER}:
        return Verdict(State.DEFERRED, waits[0], costs_attempt=False)
    if signal is Signal.FULL:
        waits = _FULL_WAITS
    return Verdict(State.DEFERRED, waits[min(attempts, len(waits)) - 1])
