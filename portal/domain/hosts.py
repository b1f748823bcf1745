"""Knows what may be typed as a server address and its one canonical spelling."""

import ipaddress
import re

import idna

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_LONGEST = 253


def canonical_host(text: str) -> str:
    """Return the one spelling of a host name or IP literal: A-labels, lower case, no trailing dot.

    Raises ValueError for everything else: brackets, zone ids, NUL, full-width digits, numbers that only a
    resolver would read as an address (`0x7f.1`, `2130706433`), addresses with ideographic dots (`127。0。0。1`),
    names over 253 characters (RFC 1035 §2.3.4). IPv6 literals are typed without brackets.
    """
    typed = text.strip()
    if ":" in typed:
        return _canonical_ipv6(typed)
    host = _as_a_labels(typed.removesuffix("."))
    last = host.rsplit(".", 1)[-1]
    if last.isdigit() or last.startswith("0x"):
        if not typed.isascii():
            raise ValueError("an address is written in ASCII; only names have other spellings")
        return str(ipaddress.IPv4Address(host))
    return host


def is_literal_address(host: str) -> bool:
    """Tell whether a canonical host is an IP address rather than a name."""
    return ":" in host or host.rsplit(".", 1)[-1].isdigit()


def canonical_domain(text: str) -> str:
    """Return the canonical spelling of a domain name; unlike a host it is never an address."""
    domain = canonical_host(text)
    if is_literal_address(domain):
        raise ValueError("an address is no domain")
    return domain


def _canonical_ipv6(host: str) -> str:
    if "%" in host:
        raise ValueError("zone ids mean nothing beyond one machine")
    address = ipaddress.IPv6Address(host)
    return str(address)


def _as_a_labels(host: str) -> str:
    if not host.isascii():
        # IDNA 2008 (RFC 5891): the older mapping would turn faß.example into fass.example.
        host = idna.encode(host.lower(), uts46=False).decode("ascii")
    host = host.lower()
    if not host or len(host) > _LONGEST or not all(_LABEL.match(label) for label in host.split(".")):
        raise ValueError("not a host name")
    return host
