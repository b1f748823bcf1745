"""Knows the extra configurations: a closed list of options beyond server, sender and sign-in, each set by one value."""

from dataclasses import replace
from enum import StrEnum

from portal.domain.config_rules import Typed
from portal.domain.mail_config import Draft, Encryption, Mechanism, TrustKind

YES = "Y"


class ExtraOption(StrEnum):
    """SSL and TLS are set by `Y`: the names that providers print for port 465 and for port 587."""

    SSL = "ssl"
    TLS = "tls"
    MECHANISM = "mechanism"
    HELO_NAME = "helo_name"
    ENVELOPE_FROM = "envelope_from"
    REPLY_TO = "reply_to"
    TRUST = "trust"
    PER_MINUTE = "per_minute"


# Those to which a stored password is bound: whoever changes one of them types the password again.
OF_THE_DESTINATION = frozenset({ExtraOption.SSL, ExtraOption.TLS, ExtraOption.MECHANISM, ExtraOption.TRUST})


def value_of(draft: Draft, option: ExtraOption) -> str:
    """The value that an option has in a draft, or nothing where it is as it is by default."""
    place = draft.destination
    match option:
        case ExtraOption.SSL:
            return YES if place.encryption is Encryption.TLS else ""
        case ExtraOption.TLS:
            return YES if place.encryption is Encryption.STARTTLS else ""
        case ExtraOption.MECHANISM:
            return "" if place.mechanism is Mechanism.AUTO else place.mechanism.value
        case ExtraOption.HELO_NAME:
            return draft.helo_name
        case ExtraOption.ENVELOPE_FROM:
            return draft.envelope_from
        case ExtraOption.REPLY_TO:
            return draft.reply_to
        case ExtraOption.TRUST:
            return place.trust.value
        case ExtraOption.PER_MINUTE:
            return str(draft.per_minute or "")


def with_option(typed: Typed, option: ExtraOption, value: str) -> Typed:
    """What is typed once an option has this value; an empty one puts it back to how it is by default."""
    match option:
        case ExtraOption.SSL | ExtraOption.TLS:
            method = Encryption.TLS if option is ExtraOption.SSL else Encryption.STARTTLS
            return replace(typed, encryption=(method if value == YES else Encryption.NONE).value)
        case ExtraOption.MECHANISM:
            return replace(typed, mechanism=value or Mechanism.AUTO.value)
        case ExtraOption.TRUST:
            return _with_trust(typed, value)
        case ExtraOption.HELO_NAME:
            return replace(typed, helo_name=value)
        case ExtraOption.ENVELOPE_FROM:
            return replace(typed, envelope_from=value)
        case ExtraOption.REPLY_TO:
            return replace(typed, reply_to=value)
        case ExtraOption.PER_MINUTE:
            return replace(typed, per_minute=value)


def _with_trust(typed: Typed, value: str) -> Typed:
    """A certificate in PEM names a private authority; anything else is meant as a fingerprint."""
    bare = replace(typed, trust_kind=TrustKind.SYSTEM.value, trust_pem="", trust_pin="")
    if not value.strip():
        return bare
    if "BEGIN" in value:
        return replace(bare, trust_kind=TrustKind.PRIVATE_CA.value, trust_pem=value)
    return replace(bare, trust_kind=TrustKind.PIN.value, trust_pin=value)
