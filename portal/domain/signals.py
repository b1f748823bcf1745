"""Knows what a refusal asks of whoever sends: more exactly than its outcome, by the code and the words of its reply."""

import re
from enum import StrEnum

from portal.domain.causes import Cause, cause_in
from portal.domain.diagnosis import Code


class Signal(StrEnum):
    """What is asked for, or told, beside the outcome itself."""

    NONE = "none"
    UNREACHED = "unreached"  # the server is not there, or on its way out: nothing of it is the mail's fault
    TOO_MANY = "too-many"  # RFC 5321 §4.5.3.1.10: so many recipients at once and no more
    FULL = "full"  # no room for this mail, or any, for now
    SLOWER = "slower"  # the server takes mail, only not so fast
    MISCONFIGURED = "misconfigured"  # every mail would be refused alike until somebody changes the configuration


_NOT_THERE = frozenset({Code.NAME, Code.REFUSED, Code.TIMEOUT, Code.SILENT, Code.TLS_FAILED})
_MAY_ASK_FOR_LESS = frozenset({Code.BUSY, Code.RECIPIENT_TEMPORARY})
# RFC 3463 §3.8: X.7.X is policy; what is temporary about a policy is how much of something there was lately.
_POLICY = re.compile(r"4[0-9]{2} 4\.7\.[0-9]{1,3}\b")
_RATE = re.compile(
    r"\brate\b|rate.?limit|too (?:many|fast|much)|slow(?:er| down)|throttl|\b4\.4\.5\b|per (?:minute|hour|day)"
    r"|(?:limit|quota).{0,20}exceeded|exceeded.{0,20}(?:limit|quota)",
    re.IGNORECASE,
)


def signal_of(code: Code, reply: str) -> Signal:
    """Read a refusal. `reply` is the server's whole reply with its code, as it is kept; empty where there was none."""
    if code in _NOT_THERE:
        return Signal.UNREACHED
    if code is Code.AUTH_REJECTED or (code is Code.SERVER_REFUSED and reply.startswith("530")):
        return Signal.MISCONFIGURED
    if code not in _MAY_ASK_FOR_LESS:
        return Signal.NONE
    if reply.startswith(("452", "552")) and code is Code.RECIPIENT_TEMPORARY and not _POLICY.match(reply):
        return Signal.TOO_MANY
    if _asks_for_less(code, reply):
        return Signal.SLOWER
    if code is not Code.BUSY:
        return Signal.NONE
    if reply.startswith("421"):
        return Signal.UNREACHED
    return Signal.FULL if reply.startswith("452") or " 4.3.1" in reply else Signal.NONE


def _asks_for_less(code: Code, reply: str) -> bool:
    """Greylisting is worded as a policy, too, and asks for patience with one mail."""
    if cause_in(code, (reply,)) is Cause.GREYLISTED:
        return False
    return bool(_POLICY.match(reply) or _RATE.search(reply))
