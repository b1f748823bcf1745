"""Knows which change to a configuration may mend the way a test of it ended. It never proposes less protection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portal.domain.diagnosis import Code, Finding, Status
from portal.domain.mail_config import Destination, Draft, Encryption, Mechanism, SignIn

_TLS_PORT, _STARTTLS_PORT = 465, 587  # RFC 8314 §7.3, RFC 6409 §3.1


class Remedy(StrEnum):
    """What kind of change it is."""

    TLS_HERE = "tls-here"
    STARTTLS_HERE = "starttls-here"
    TLS_PORT = "tls-port"
    STARTTLS_PORT = "starttls-port"
    SIGN_IN = "sign-in"
    ANY_MECHANISM = "any-mechanism"
    SENDER_IS_USER = "sender-is-user"
    NAMED_HOST = "named-host"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`changes` maps fields of the form (`portal.domain.config_rules.Typed`) to the values they get."""

    remedy: Remedy
    changes: Mapping[str, Any]


def proposals(draft: Draft, code: Code, findings: Sequence[Finding]) -> tuple[Proposal, ...]:
    """What is worth a try after a trial of `draft` ended with `code`; most promising first, often nothing."""
    failed = next((each for each in reversed(findings) if each.status is Status.FAILED), None)
    fact = failed.fact if failed else ""
    names = failed.values.get("names", "") if failed else ""
    return (*_about_reaching(draft.destination, code, fact, names), *_about_identity(draft, code, fact))


def _about_reaching(place: Destination, code: Code, fact: str, names: str) -> tuple[Proposal, ...]:
    match code:
        case Code.SILENT if place.encryption is not Encryption.TLS:
            return (_here(Encryption.TLS),)
        case Code.TLS_FAILED if fact == "not-tls" and place.encryption is Encryption.TLS:
            return (_here(Encryption.STARTTLS),)
        case Code.TLS_MISSING if place.port != _TLS_PORT:
            return (_at(_TLS_PORT),)
        case Code.REFUSED | Code.TIMEOUT:
            return tuple(_at(port) for port in (_STARTTLS_PORT, _TLS_PORT) if port != place.port)
        case Code.SERVER_REFUSED if fact == "encryption-required":
            return (_here(Encryption.STARTTLS),)
        case Code.AUTH_CLEARTEXT:
            return (_here(Encryption.STARTTLS), _at(_TLS_PORT))
        case Code.TLS_NAME if name := _sibling(place.host, names):
            return (Proposal(Remedy.NAMED_HOST, {"host": name}),)
        case _:
            return ()


def _about_identity(draft: Draft, code: Code, fact: str) -> tuple[Proposal, ...]:
    place = draft.destination
    match code:
        case Code.AUTH_REJECTED if fact == "sign-in-required" and draft.sign_in is SignIn.NONE:
            return (Proposal(Remedy.SIGN_IN, {"signs_in": True}),)
        case Code.AUTH_UNSUPPORTED if place.mechanism is not Mechanism.AUTO:
            return (Proposal(Remedy.ANY_MECHANISM, {"mechanism": Mechanism.AUTO.value}),)
        case Code.SENDER_REJECTED if "@" in place.username and place.username != draft.from_address:
            return (Proposal(Remedy.SENDER_IS_USER, {"from_address": place.username}),)
        case _:
            return ()


def alternatives(place: Destination) -> tuple[Destination, ...]:
    """Every destination on the very same host that a proposal can lead to, and that one itself.

    A password that is typed for a test may be sealed for these while it is at hand: it is typed for this server.
    """
    ways = {
        (place.port, place.encryption),
        (place.port, Encryption.TLS),
        (place.port, Encryption.STARTTLS),
        (_TLS_PORT, Encryption.TLS),
        (_STARTTLS_PORT, Encryption.STARTTLS),
    }
    moved = [replace(place, port=port, encryption=encryption) for port, encryption in sorted(ways)]
    return tuple(dict.fromkeys([*moved, replace(place, mechanism=Mechanism.AUTO)]))


def _here(encryption: Encryption) -> Proposal:
    remedy = Remedy.TLS_HERE if encryption is Encryption.TLS else Remedy.STARTTLS_HERE
    return Proposal(remedy, {"encryption": encryption.value})


def _at(port: int) -> Proposal:
    if port == _TLS_PORT:
        return Proposal(Remedy.TLS_PORT, {"port": str(port), "encryption": Encryption.TLS.value})
    return Proposal(Remedy.STARTTLS_PORT, {"port": str(port), "encryption": Encryption.STARTTLS.value})


def _sibling(host: str, names: str) -> str:
    """A name in the certificate under the very domain of `host`; anything else could be anybody's."""
    domain = host.split(".")[-2:]
    for name in names.replace(",", " ").split():
        if len(domain) == 2 and name.split(".")[-2:] == domain and "*" not in name and name != host:
            return name
    return ""
