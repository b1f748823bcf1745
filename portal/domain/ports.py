"""Knows which method of encryption is usual on which port, and so which pairs are worth a word."""

from portal.domain.mail_config import Encryption

USUAL_PORTS = (25, 465, 587, 2525)
# RFC 8314 §3.3 has TLS from the first byte on 465; RFC 6409 §3.1 and RFC 3207 begin in the open on the others.
_USUAL = {
    25: (Encryption.NONE, Encryption.STARTTLS),
    465: (Encryption.TLS,),
    587: (Encryption.STARTTLS,),
    2525: (Encryption.STARTTLS, Encryption.NONE),
}


def mended(port: int, encryption: Encryption) -> Encryption | None:
    """The method that usually goes with a port where `encryption` does not; None where nothing is to be mended.

    It never takes protection away: what is encrypted stays encrypted.
    """
    usual = _USUAL.get(port, (encryption,))
    if encryption in usual:
        return None
    return Encryption.TLS if Encryption.TLS in usual else Encryption.STARTTLS


def port_in(text: str) -> int:
    """The number of a port as it was typed, or 0 for what is none."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 5 else 0
