"""Knows how one finding of a session is said in one line."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from portal.domain.diagnosis import Code, Finding
from portal.i18n import gettext as _
from portal.i18n.times import calendar_day

Values = Mapping[str, str]
Line = Callable[[Values], str]


def fact_sentence(finding: Finding) -> str:
    """One line for the timeline, for the owner of the configuration only; an unknown fact gives the server's reply."""
    values = defaultdict(str, finding.values)
    if line := _CERTIFICATE.get(finding.code):
        return line(values)
    if line := _FACTS.get(finding.fact):
        return line(values)
    return finding.reply


def _tls(values: Values) -> str:
    if not values["valid_until"]:
        return values["version"]
    return _(
        "%(version)s, certificate valid until %(until)s", version=values["version"], until=_day(values["valid_until"])
    )


def _recipients(values: Values) -> str:
    match values["accepted"], values["refused"]:
        case "1", "0":
            return _("the recipient was accepted")
        case "0", "1":
            return _("the recipient was refused")
        case accepted, refused:
            return _(
                "recipients accepted: %(accepted)s, refused: %(refused)s", accepted=accepted or 0, refused=refused or 0
            )


def _mechanisms(values: Values) -> str:
    if not values["offered"]:
        return _("the server names no way of signing in")
    return _("the server offers: %(offered)s", offered=values["offered"])


def _untrusted(values: Values) -> str:
    if not values["fingerprint"]:
        return _("the certificate was refused")
    return _(
        "issued by %(issuer)s, fingerprint %(fingerprint)s",
        issuer=values["issuer"],
        fingerprint=values["fingerprint"],
    )


def _dates(values: Values) -> str:
    if not values["valid_until"]:
        return _("the certificate is not valid now")
    return _(
        "the certificate is valid from %(since)s until %(until)s",
        since=_day(values["valid_from"]),
        until=_day(values["valid_until"]),
    )


def _day(text: str) -> str:
    """A certificate's day (`YYYY-MM-DD`) as its reader writes it."""
    try:
        return calendar_day(date.fromisoformat(text))
    except ValueError:
        return text


def _names(values: Values) -> str:
    if not values["names"]:
        return _("the certificate does not name this server")
    return _("the certificate is for %(names)s", names=values["names"])


def _pinned(values: Values) -> str:
    if not values["fingerprint"]:
        return _("the certificate shown is another one")
    return _("the certificate shown has the fingerprint %(fingerprint)s", fingerprint=values["fingerprint"])


def _size(octets: str) -> str:
    count = int(octets) if octets.isascii() and octets.isdigit() else 0
    if count >= 1_000_000:
        return _("%(size)s MB", size=f"{count / 1_000_000:.1f}")
    if count >= 1_000:
        return _("%(size)s kB", size=f"{count / 1_000:.1f}")
    return _("%(size)s bytes", size=count)


# A refused certificate is told by what is wrong with it.
_CERTIFICATE: Mapping[Code, Line] = MappingProxyType(
    {Code.TLS_EXPIRED: _dates, Code.TLS_NAME: _names, Code.TLS_PIN: _pinned}
)

_FACTS: Mapping[str, Line] = MappingProxyType(
    {
        "address": lambda values: _("found at %(address)s", address=values["address"]),
        "port-blocked": lambda values: _("port %(port)s is not allowed here", port=values["port"]),
        "address-blocked": lambda _values: _("this address is not allowed here"),
        "port-answers": lambda values: _("port %(port)s answers", port=values["port"]),
        "greeting": lambda _values: _("the server introduced itself"),
        "not-requested": lambda _values: _("not requested"),
        "starttls-not-offered": lambda _values: _("the server does not offer STARTTLS"),
        "tls": _tls,
        "not-tls": lambda _values: _("the server does not speak TLS on this port"),
        "handshake-cut": lambda _values: _("the server broke off while encryption was agreed on"),
        "handshake-stalled": lambda _values: _("the server fell silent while encryption was agreed on"),
        "handshake-failed": lambda values: _("encryption failed: %(reason)s", reason=values["reason"]),
        "certificate-refused": _untrusted,
        "authority-unreadable": lambda _values: _("the private authority's certificate cannot be read"),
        "credentials-unused": lambda _values: _("the server asked for no sign-in; yours was not used"),
        "mechanisms": _mechanisms,
        "server-not-proven": lambda _values: _("the server could not prove that it knows the password"),
        "signed-in": lambda values: _("signed in with %(mechanism)s", mechanism=values["mechanism"]),
        "sign-in-required": lambda _values: _("the server asks for a sign-in first"),
        "encryption-required": lambda _values: _("the server asks for encryption first"),
        "sender-accepted": lambda values: _("the server accepts the sender %(sender)s", sender=values["sender"]),
        "size-limit": lambda values: _(
            "the mail has %(size)s, the server takes %(limit)s",
            size=_size(values["size"]),
            limit=_size(values["limit"]),
        ),
        "recipients": _recipients,
        "content-sent": lambda values: _("%(size)s handed over", size=_size(values["octets"])),
        "accepted": lambda _values: _("the server accepted the mail"),
    }
)
