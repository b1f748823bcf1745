"""Knows what a second factor is: a code of the moment from an app, or one of ten that work once in its place."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.roles import Role

# How long an offered seed waits for its first code.
OFFER = timedelta(minutes=15)
CODES = 10
# 15 bytes are 120 bits (ASVS 6.5.2: from 112 bits on a plain hash is enough) and 24 letters of base32.
CODE_BYTES = 15
_GROUP = 4
_LONGEST = 100


class Rule(StrEnum):
    """Who has to have a second factor, as the operator decided."""

    OPTIONAL = "optional"
    OWNERS = "owners"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Somebody's second factor: since when he has it, and how many recovery codes are left."""

    since: datetime
    codes_left: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A seed that waits for its first code: the key to type by hand, and the address that a picture carries."""

    key: str = field(repr=False)
    uri: str = field(repr=False)


class Shown(StrEnum):
    """What somebody showed as his second factor."""

    APP_CODE = "app-code"
    RECOVERY_CODE = "recovery-code"


def is_required(rule: Rule, role: Role) -> bool:
    """Owners may do everything in their company and below; the operator is one of them."""
    return rule is Rule.OWNERS and role is Role.OWNER


def normal(typed: str) -> str:
    """A code without the spaces and hyphens that make it readable, in capital letters."""
    return "".join(character for character in typed[:_LONGEST] if character.isalnum()).upper()


def is_app_code(code: str) -> bool:
    """RFC 6238 codes as the common apps make them: six digits."""
    return len(code) == 6 and code.isascii() and code.isdigit()


def grouped(text: str) -> str:
    """Split into groups of four, for eyes."""
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
