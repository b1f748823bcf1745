"""Certificates may be anything, and a context is built once."""

import ipaddress
import socket
import ssl
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Destination, Encryption, Trust, TrustKind
from portal.mail import tls
from portal.mail.certificates import facts_of, fingerprint_of
from portal.mail.channel import Channel
from portal.mail.deadlines import Timer
from portal.mail.dialogue import Dialogue
from portal.mail.egress import Egress, Target
from portal.mail.examination import certificate_shown_by
from portal.mail.exchange import WireError
from portal.mail.redaction import Redactor
from tests import certificates
from tests.wire import server_at


def test_a_fingerprint_is_that_of_the_key_and_outlives_a_renewed_certificate():
    first, second = certificates.good(), certificates.expired()

    assert len(fingerprint_of(certificates.der_of(first))) == 64
    assert fingerprint_of(certificates.der_of(first)) != fingerprint_of(certificates.der_of(second))


def test_the_facts_of_a_certificate_are_short_and_printable():
    leaf = certificates.good(*(f"mail{n}.example.test" for n in range(40)), "127.0.0.1")
    facts = facts_of(certificates.der_of(leaf))

    assert set(facts) == {"subject", "issuer", "names", "valid_from", "valid_until", "fingerprint"}
    assert facts["names"].startswith("mail0.example.test, mail1.example.test")
    assert all(len(text) <= 200 and text.isprintable() for text in facts.values())


@pytest.mark.parametrize("der", [b"", b"nonsense", b"\x30\x82\xff\xff"])
def test_an_unreadable_certificate_has_no_facts_and_no_fingerprint(der):
    assert (facts_of(der), fingerprint_of(der)) == ({}, "")


# What is damaged may be deprecated, too (a negative serial number); the product only prints that.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_not_and_nothing_else_happens(place, octet):
    der = bytearray(certificates.der_of(certificates.good()))
    der[place % len(der)] = octet

    assert len(fingerprint_of(bytes(der))) in {0, 64}
    assert all(len(text) <= 200 for text in facts_of(bytes(der)).values())


def test_one_context_serves_all_connections_of_a_trust_setting():
    authority, other = (
        Trust(TrustKind.PRIVATE_CA, certificates.authority_pem(ca)) for ca in (None, certificates.stranger())
    )
    pins = [Trust(TrustKind.PIN, digit * 64) for digit in "ab"]

    assert tls._context_for(authority) is tls._context_for(authority)
    assert tls._context_for(authority) is not tls._context_for(other)
    assert tls._context_for(Trust()) is tls._context_for(Trust())
    assert tls._context_for(pins[0]) is tls._context_for(pins[1])


@pytest.mark.asvs("12.1.1", "12.3.2")
@pytest.mark.parametrize("kind", [TrustKind.SYSTEM, TrustKind.PRIVATE_CA])
def test_what_is_verified_does_not_depend_on_the_version_of_python(kind):
    context = tls._context_for(Trust(kind, certificates.authority_pem() if kind is TrustKind.PRIVATE_CA else ""))

    assert context.verify_flags == ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is True
    assert context.hostname_checks_common_name is False
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.asvs("12.1.2")
def test_every_suite_on_offer_has_a_key_of_its_own_and_the_strong_ones_come_first():
    """RFC 9325 §4.1, §4.2: no anonymous, null, export, RC4, 3DES or SHA-1 suite, nothing below 128 bits."""
    suites = tls._context_for(Trust()).get_ciphers()
    by_exchange = {
        kind: [suite for suite in suites if suite["kea"] == kind] for kind in ("kx-ecdhe", "kx-dhe", "kx-any")
    }

    assert sum(map(len, by_exchange.values())) == len(suites) > 5
    assert {suite["protocol"] for suite in by_exchange["kx-any"]} == {"TLSv1.3"}
    assert min(suite["strength_bits"] for suite in suites) >= 128
    assert {suite["auth"] for suite in suites} <= {"auth-any", "auth-ecdsa", "auth-rsa"}
    assert {suite["digest"] for suite in suites if not suite["aead"]} <= {"sha256", "sha384"}
    assert all(is_sorted_by_strength(found) for found in by_exchange.values())


def is_sorted_by_strength(suites):
    return [suite["aead"] for suite in suites] == sorted((suite["aead"] for suite in suites), reverse=True)


def test_a_private_authority_replaces_those_of_the_system():
    context = tls._context_for(certificates.trusted())

    assert len(context.get_ca_certs()) == 1


def test_a_second_look_at_nobody_sees_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    target = Target(ipaddress.ip_address("127.0.0.1"), port)
    server = server_at(port, Encryption.TLS)

    assert certificate_shown_by(server, (target,), egress=Egress(), timer=Timer(2, clock=time.monotonic)) == {}


def test_a_session_whose_time_is_over_does_not_begin_to_encrypt():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        timer = Timer(0, clock=time.monotonic)
        dialogue = Dialogue(Channel(ours, timer=timer), timer=timer, redactor=Redactor())
        with pytest.raises(WireError) as caught:
            dialogue.secure(Destination("mail.example.test", 465, Encryption.TLS), seconds=5)
        assert theirs.recv(10) == b""

    assert caught.value.code is Code.SLOW
    assert dialogue.closed


def test_a_connection_that_is_gone_before_the_handshake_is_a_failed_one():
    gone = socket.socket()
    with pytest.raises(WireError) as caught:
        tls.secured(gone, Destination("mail.example.test", 465, Encryption.TLS), seconds=1)

    assert caught.value.code is Code.TLS_FAILED
    assert gone.fileno() == -1
