"""Knows how long somebody stays signed in, and how one of his sessions is shown to him."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.ids import SignInId
from portal.domain.roles import Actor

# ASVS 7.3.1, 7.3.2: without a sign of life, and in any case.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# ASVS 7.1.2: more than that nobody works in at once; the one that began first ends.
MOST = 10
# How long the password counts as shown for what is grave (ASVS 7.5.1), and how long its second step waits.
PROOF = timedelta(minutes=10)
HALF_WAY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody within a session. `is_proven` says that he showed a moment ago who he is.

    `lacks_second_factor` says that he needs one, by the operator's rule, and may do nothing before he has it.
    """

    actor: Actor
    is_proven: bool
    lacks_second_factor: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """One session as its holder sees it. `browser` is the family's name, or empty; `place` a shortened address."""

    id: SignInId
    browser: str
    place: str
    since: datetime
    seen_at: datetime
    is_this: bool


def shortened(address: str) -> str:
    """Enough of a network address to recognise one's own: its first half, or nothing of what is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    plain = getattr(found, "ipv4_mapped", None) or found
    if plain.version == 4:
        return ".".join(str(plain).split(".")[:2]) + ".…"
    return ":".join(part.lstrip("0") or "0" for part in plain.exploded.split(":")[:3]) + ":…"
