"""Knows what mail servers mean by their refusals: enhanced codes and wordings that name one cause among many."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from portal.domain.diagnosis import Code


class Cause(StrEnum):
    """A cause that a server named, more exactly than its reply code does."""

    APP_PASSWORD = "app-password"  # noqa: S105 - a cause, not a password
    BASIC_RETIRED = "basic-retired"
    ACCOUNT_LOCKED = "account-locked"
    RELAY_DENIED = "relay-denied"
    NO_SUCH_RECIPIENT = "no-such-recipient"
    MAILBOX_FULL = "mailbox-full"
    GREYLISTED = "greylisted"
    NOT_YOUR_SENDER = "not-your-sender"
    LIMIT_REACHED = "limit-reached"
    TAKEN_FOR_SPAM = "taken-for-spam"
    LISTED = "listed"
    UNAUTHENTICATED_DOMAIN = "unauthenticated-domain"


_SIGN_IN = frozenset({Code.AUTH_REJECTED, Code.AUTH_TEMPORARY, Code.AUTH_UNSUPPORTED})
_SENDER = frozenset({Code.SENDER_REJECTED, Code.RECIPIENT_REJECTED, Code.CONTENT_REJECTED})
_RECIPIENT = frozenset({Code.RECIPIENT_REJECTED, Code.RECIPIENT_TEMPORARY, Code.CONTENT_REJECTED, Code.BUSY})
_CONTENT = frozenset({Code.CONTENT_REJECTED, Code.BUSY, Code.SERVER_REFUSED, Code.SENDER_REJECTED, *_RECIPIENT})

# Outcomes in which the cause can be named, and how servers word it; the first row that matches counts. Enhanced codes
# by RFC 3463 §3 and the IANA registry; the wordings are those of common servers and providers.
_TABLE: tuple[tuple[Cause, frozenset[Code], tuple[str, ...]], ...] = (
    (
        Cause.APP_PASSWORD,
        _SIGN_IN,
        ("application.specific password", "app(?:lication)? password", "authorization code"),
    ),
    (Cause.BASIC_RETIRED, _SIGN_IN, (r"\b5\.7\.139\b", "basic authentication is disabled", "SmtpClientAuthentication")),
    (Cause.ACCOUNT_LOCKED, _SIGN_IN, (r"\b[45]\.7\.(?:14|57)\b", "account.{0,20}(?:locked|disabled|suspended)")),
    (
        Cause.LIMIT_REACHED,
        _CONTENT | _SIGN_IN,
        (r"\b[45]\.4\.5\b", "limit exceeded", "too many (?:messages|mails|login)", "quota exceeded", "rate.?limit"),
    ),
    (
        Cause.NOT_YOUR_SENDER,
        _SENDER,
        (r"\b5\.7\.60\b", "not owned by", "sender address rejected", "send ?as denied", "not allowed to send as"),
    ),
    (
        Cause.RELAY_DENIED,
        _SENDER,
        (
            "relay(?:ing)?(?: access)? (?:is )?(?:denied|not permitted|prohibited)",
            "(?:unable|not \\w+) to relay",
            "cannot deliver mail for",
        ),
    ),
    (Cause.GREYLISTED, _RECIPIENT, ("gr[ea]y.?list",)),
    (Cause.MAILBOX_FULL, _RECIPIENT, (r"\b[45]\.2\.2\b", "(?:mailbox|inbox).{0,20}full", "over quota")),
    (
        Cause.NO_SUCH_RECIPIENT,
        _RECIPIENT,
        (r"\b5\.1\.(?:1|10)\b", "user unknown", "unknown user", "no such (?:user|mailbox|recipient)", "does not exist"),
    ),
    (Cause.LISTED, _CONTENT, ("spamhaus", "(?:block|black) ?list", r"\b(?:DNSBL|RBL)\b", "poor reputation")),
    (Cause.UNAUTHENTICATED_DOMAIN, _CONTENT, (r"\b5\.7\.(?:2[3-7]|509)\b", r"\b(?:DMARC|SPF|DKIM)\b")),
    (Cause.TAKEN_FOR_SPAM, _CONTENT, (r"\bspam\b", "unsolicited", r"\bjunk\b")),
)


@cache
def _patterns() -> tuple[tuple[Cause, frozenset[Code], re.Pattern[str]], ...]:
    return tuple((cause, codes, re.compile("|".join(words), re.IGNORECASE)) for cause, codes, words in _TABLE)


def cause_in(code: Code, replies: Iterable[str]) -> Cause | None:
    """The cause that the server's own words name for an outcome, or None where they name none that we know."""
    words = " ".join(replies)
    return next((cause for cause, codes, pattern in _patterns() if code in codes and pattern.search(words)), None)
