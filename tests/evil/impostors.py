"""Servers whose certificate is worth nothing, each with the trust that a configuration puts in it."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal.domain.diagnosis import Code
from tests import certificates
from tests.certificates import HOST, authority, authority_pem, pinned, self_signed

OURS = {"trust_kind": "private_ca", "trust_pem": authority_pem()}
SYSTEM = {"trust_kind": "system"}


def pin_of(leaf):
    return {"trust_kind": "pin", "trust_pin": pinned(leaf).value}


def good():
    return certificates.serving(certificates.good())


def itself_for_clients():
    return {"trust_kind": "private_ca", "trust_pem": _for_clients_only()[0]}


def itself_without_names():
    return {"trust_kind": "private_ca", "trust_pem": self_signed(named=False)[0]}


def _named(name):
    return certificates.serving(certificates.good(name))


@cache
def _without_its_middle():
    leaf = authority().create_child_ca().issue_cert(HOST)
    return _context(leaf.private_key_pem.bytes(), leaf.cert_chain_pems[0].bytes())


@cache
def _issued_by_a_leaf():
    leaf = certificates.good("customer.example.test")
    issuer = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    issuer_key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _builder(key).issuer_name(issuer.subject).sign(issuer_key, hashes.SHA256())
    return _context(_pem_of(key), _pem_of(certificate) + leaf.cert_chain_pems[0].bytes())


@cache
def _for_clients_only():
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = _builder(key).issuer_name(_NAME).add_extension(usage, critical=True).sign(key, hashes.SHA256())
    return _pem_of(certificate).decode(), _context(_pem_of(key), _pem_of(certificate))


_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])


def _builder(key):
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    )


def _pem_of(thing):
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _context(key, chain):
    context = certificates._server_context(certificates.ssl.TLSVersion.TLSv1_3, certificates.ssl.TLSVersion.TLSv1_2)
    with TemporaryDirectory() as folder:
        path = Path(folder, "both.pem")
        path.write_bytes(key + chain)
        context.load_cert_chain(path)
    return context


# What is shown, what is trusted, and how that ends.
IMPOSTORS = {
    "self-signed": (lambda: self_signed()[1], lambda: OURS, Code.TLS_UNTRUSTED),
    "unknown authority": (
        lambda: certificates.serving(certificates.from_a_stranger()),
        lambda: OURS,
        Code.TLS_UNTRUSTED,
    ),
    "authority unknown to the system": (good, lambda: SYSTEM, Code.TLS_UNTRUSTED),
    "chain without its middle": (_without_its_middle, lambda: OURS, Code.TLS_UNTRUSTED),
    "issued by somebody's leaf": (_issued_by_a_leaf, lambda: OURS, Code.TLS_UNTRUSTED),
    "for clients only": (lambda: _for_clients_only()[1], itself_for_clients, Code.TLS_UNTRUSTED),
    "expired": (lambda: certificates.serving(certificates.expired()), lambda: OURS, Code.TLS_EXPIRED),
    "not yet valid": (lambda: certificates.serving(certificates.not_yet_valid()), lambda: OURS, Code.TLS_EXPIRED),
    "another name": (lambda: _named("other.example.test"), lambda: OURS, Code.TLS_NAME),
    "wildcard of another level": (lambda: _named("*.test"), lambda: OURS, Code.TLS_NAME),
    "only an address": (lambda: _named("127.0.0.1"), lambda: OURS, Code.TLS_NAME),
    "no alternative name": (lambda: self_signed(named=False)[1], itself_without_names, Code.TLS_NAME),
    "another key than the pinned": (good, lambda: pin_of(certificates.expired()), Code.TLS_PIN),
    "a stranger's key in place of the pinned": (
        lambda: certificates.serving(certificates.from_a_stranger()),
        lambda: pin_of(certificates.good()),
        Code.TLS_PIN,
    ),
}
