"""Knows when a configuration is paused, how its server is tried meanwhile, and when it works again."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.diagnosis import Code
from portal.domain.signals import Signal

# So many sessions in a row that ended before a mail could be offered, and the configuration is paused.
MOST_FAILURES = 5
# So many mails in a row whose sender the server does not take, and no other mail is tried with it.
MOST_REFUSALS = 3
# A refused password is not tried again and again: accounts get locked.
CREDENTIALS_WAIT = timedelta(minutes=15)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)

# How soon a configuration that failed is checked again: after five minutes, then twice as long each time; and how often
# from when its people know.
_NEXT_CHECK, _CHECK_OF_FAILING = timedelta(minutes=5), timedelta(hours=1)

# The server could not be reached, or the session ended before a mail was on offer.
_UNREACHED = frozenset(
    {
        Code.NAME,
        Code.REFUSED,
        Code.TIMEOUT,
        Code.SILENT,
        Code.SLOW,
        Code.LOST,
        Code.FLOOD,
        Code.NOT_SMTP,
        Code.UNEXPECTED,
        Code.GARBAGE,
        Code.SERVER_REFUSED,
        Code.TLS_MISSING,
        Code.TLS_INJECTED,
        Code.TLS_FAILED,
        Code.TLS_OLD,
        Code.TLS_UNTRUSTED,
        Code.TLS_EXPIRED,
        Code.TLS_NAME,
        Code.TLS_PIN,
        Code.AUTH_UNSUPPORTED,
        Code.AUTH_CLEARTEXT,
    }
)
# The server took the sign-in and judged a mail: whatever it said of that, the configuration works.
_WORKS = frozenset(
    {
        Code.OK,
        Code.RECIPIENT_REJECTED,
        Code.RECIPIENT_TEMPORARY,
        Code.NEEDS_SMTPUTF8,
        Code.TOO_LARGE,
        Code.CONTENT_REJECTED,
    }
)


class Change(StrEnum):
    """What was learnt that people have to be told."""

    FAILED = "failed"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Health:
    """`failures` are those in a row; `paused_until` is when one mail may try again, None while nothing is paused.

    `is_known_to_fail` is true from when its people were told until they are told that it works again. `refusals` are
    the mails in a row whose sender was refused.
    """

    failures: int = 0
    paused_until: datetime | None = None
    is_known_to_fail: bool = False
    refusals: int = 0

    def after(
        self, code: Code, now: datetime, signals: Collection[Signal] = frozenset()
    ) -> tuple["Health", Change | None]:
        """What a session that ended with `code` means. Whatever says nothing of the configuration changes nothing.

        `signals` are what the server asked for besides.
        """
        if code in _WORKS:
            return Health(), Change.RECOVERED if self.is_known_to_fail else None
        if code is Code.AUTH_REJECTED or Signal.MISCONFIGURED in signals:
            return self.paused(now + CREDENTIALS_WAIT)
        if code is Code.SENDER_REJECTED:
            refused = replace(self, refusals=self.refusals + 1)
            return refused.paused(now + CREDENTIALS_WAIT) if refused.refusals >= MOST_REFUSALS else (refused, None)
        if code not in _UNREACHED and Signal.UNREACHED not in signals:
            return self, None
        failing = replace(self, failures=self.failures + 1)
        return failing.paused(now + failing.wait) if failing.failures >= MOST_FAILURES else (failing, None)

    @property
    def wait(self) -> timedelta:
        """How long until the next try: 30 seconds, then twice as long each time, up to 15 minutes.

        A server that refuses what is configured is asked again after 15 minutes from the start.
        """
        if self.paused_until is not None and self.failures < MOST_FAILURES:
            return CREDENTIALS_WAIT
        doublings = min(max(0, self.failures - MOST_FAILURES), 10)
        return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)

    def next_try(self, now: datetime) -> datetime | None:
        """When a mail may try, or None where that is now. A clock that was turned back makes nobody wait for longer."""
        if self.paused_until is None or not now < self.paused_until <= now + _LONGEST_WAIT:
            return None
        return self.paused_until

    def paused(self, until: datetime) -> tuple["Health", Change | None]:
        """The same, with mail waiting until then; its people are told unless they know already."""
        change = None if self.is_known_to_fail else Change.FAILED
        return replace(self, paused_until=until, is_known_to_fail=True), change


def has_worked(code: Code) -> bool:
    """Whether a session that ended with `code` shows that the configuration works."""
    return code in _WORKS


def next_check(health: Health, code: Code, every: timedelta, lot: float) -> timedelta:
    """How long until a configuration is checked again, after a session that ended with `code`.

    `lot`, from 0 to 1, is its own and stays: so that what was set up in one hour is not checked in one minute.
    """
    if has_worked(code):
        return every * (0.9 + 0.2 * lot)
    if health.is_known_to_fail or not health.failures:
        return min(every, _CHECK_OF_FAILING)
    return min(every, _NEXT_CHECK * (1 << min(health.failures - 1, 4)))


def mended(health: Health) -> Health:
    """Somebody changed the configuration: it is tried at once, and its people are still to be told that it works."""
    return Health(is_known_to_fail=health.is_known_to_fail)
