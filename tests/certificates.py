"""A throw-away certificate authority and every kind of certificate that a mail server can show."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.domain.mail_config import Trust, TrustKind
from portal.mail.certificates import fingerprint_of

HOST = "mail.example.test"


@cache
def authority():
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@cache
def stranger():
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


def authority_pem(ca=None):
    return (ca or authority()).cert_pem.bytes().decode()


def trusted():
    """Trust in our own authority and in no other."""
    return Trust(TrustKind.PRIVATE_CA, authority_pem())


def pinned(leaf):
    return Trust(TrustKind.PIN, fingerprint_of(der_of(leaf)))


@cache
def good(*names):
    return authority().issue_cert(*(names or (HOST,)))


@cache
def expired():
    return authority().issue_cert(HOST, not_before=_in_days(-60), not_after=_in_days(-30))


@cache
def not_yet_valid():
    return authority().issue_cert(HOST, not_before=_in_days(30), not_after=_in_days(60))


@cache
def from_a_stranger():
    return stranger().issue_cert(HOST)


def der_of(leaf):
    return ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())


def serving(leaf, *, newest=ssl.TLSVersion.TLSv1_3, oldest=ssl.TLSVersion.TLSv1_2):
    """A server's context that shows a leaf made by `authority` (or by trustme at all)."""
    context = _server_context(newest, oldest)
    leaf.configure_cert(context)
    return context


@cache
def self_signed(*, named=True):
    """Certificate and context of a server that vouches for itself, with or without a subject alternative name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_in_days(-1))
        .not_valid_after(_in_days(30))
    )
    if named:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    context = _server_context(ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + pem
        )
        context.load_cert_chain(path)
    return pem.decode(), context


def _server_context(newest, oldest):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version, context.minimum_version = newest, oldest
    return context


def _in_days(days):
    return datetime.now(UTC) + timedelta(days=days)
