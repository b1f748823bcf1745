"""Knows what a certificate says of itself, in words that are safe to show, and its fingerprint."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.mail.redaction import shortened

# A hostile certificate can be malformed in all these ways; none of them is our fault or our crash.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def fingerprint_of(der: bytes) -> str:
    """SHA-256 of the SubjectPublicKeyInfo as 64 lower-case hex digits; empty when the certificate is unreadable."""
    try:
        key = x509.load_der_x509_certificate(der).public_key()
        return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    except _UNREADABLE:
        return ""


@lru_cache(maxsize=64)  # a server shows one certificate for months
def facts_of(der: bytes) -> Mapping[str, str]:
    """Subject, issuer, names, dates (ISO, UTC) and fingerprint as short printable texts; empty when unreadable."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        facts = {
            "subject": shortened(certificate.subject.rfc4514_string()),
            "issuer": shortened(certificate.issuer.rfc4514_string()),
            "names": shortened(", ".join(_names_in(certificate))),
            "valid_from": certificate.not_valid_before_utc.date().isoformat(),
            "valid_until": certificate.not_valid_after_utc.date().isoformat(),
            "fingerprint": fingerprint_of(der),
        }
    except _UNREADABLE:
        facts = {}
    return MappingProxyType(facts)


def _names_in(certificate: x509.Certificate) -> list[str]:
    """The names and addresses it is valid for (RFC 9525: the subject's common name counts for nothing)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return [*names.get_values_for_type(x509.DNSName), *addresses]
