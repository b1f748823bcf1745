"""Knows what one e-mail address is, for a person's account, a sender or a recipient."""

import re

from portal.domain.hosts import canonical_domain
from portal.domain.text import UNREADABLE

_LONGEST_LOCAL = 64
# RFC 5322 §3.2.3 dot-atom, with the UTF-8 letters of RFC 6531 §3.3. Quoted local parts are refused: no
# mailbox worth writing to needs them, and every injection starts with one.
_DOT_ATOM = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+)*\Z"
)


def canonical_address(text: str) -> str:
    """Return `local@domain` with the domain as lower-case A-labels; the local part is kept as typed.

    Raises ValueError for anything but exactly one plain address (RFC 5321 §4.5.3.1 lengths: 64 and 255 octets).
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not _DOT_ATOM.match(local) or len(local.encode()) > _LONGEST_LOCAL:
        raise ValueError("not an address")
    if UNREADABLE in local or any(character.isspace() or not character.isprintable() for character in local):
        raise ValueError("not an address")
    canonical = canonical_domain(domain)
    if "." not in canonical and canonical != "localhost":
        raise ValueError("not an address")
    return f"{local}@{canonical}"


def address_key(address: str) -> str:
    """The form under which two spellings are one account: case-folded as a whole, the domain in its one spelling."""
    try:
        return canonical_address(address).casefold()
    except ValueError:
        return address.casefold()


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def needs_smtputf8(address: str) -> bool:
    """A non-ASCII local part travels only where the server offers SMTPUTF8 (RFC 6531)."""
    return not address.isascii()
