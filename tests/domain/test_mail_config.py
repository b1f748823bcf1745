"""What a password is bound to, and what the Use SSL switch means."""

import base64
from dataclasses import replace

import pytest

from portal.domain.mail_config import Destination, Encryption, Mechanism, Trust, TrustKind, proposed_encryption

HOME = Destination("smtp.example.test", 587, Encryption.STARTTLS, "office@example.test")
PEM = "-----BEGIN CERTIFICATE-----\n" + base64.b64encode(b"certificate").decode() + "\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    "change",
    [
        {"host": "smtp.example.tes"},
        {"port": 588},
        {"encryption": Encryption.NONE},
        {"username": "office@example.tes"},
        {"mechanism": Mechanism.LOGIN},
        {"trust": Trust(TrustKind.PIN, "ab" * 32)},
        {"trust": Trust(TrustKind.PRIVATE_CA, PEM)},
        {"host": "smtp.example.testo", "username": "ffice@example.test"},
    ],
)
def test_any_change_of_the_destination_changes_its_fingerprint(change):
    assert replace(HOME, **change).fingerprint() != HOME.fingerprint()


def test_the_same_destination_has_the_same_fingerprint():
    assert replace(HOME).fingerprint() == HOME.fingerprint()


def test_line_ends_of_a_certificate_do_not_matter():
    unix, dos = Trust(TrustKind.PRIVATE_CA, PEM), Trust(TrustKind.PRIVATE_CA, PEM.replace("\n", "\r\n"))
    assert unix.digest() == dos.digest()


@pytest.mark.req("S1.18", "S2.14", "S2.15")
@pytest.mark.parametrize(
    ("use_ssl", "port", "method"),
    [(True, 465, "tls"), (True, 587, "starttls"), (True, 25, "starttls"), (False, 465, "none"), (False, 25, "none")],
)
def test_use_ssl_proposes_the_method_by_the_port(use_ssl, port, method):
    assert proposed_encryption(use_ssl=use_ssl, port=port) == method
