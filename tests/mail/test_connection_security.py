"""Credentials reach a verified peer and nobody else; what is in clear stays in clear only where that was chosen."""

import base64
import ssl
from urllib.parse import quote

import pytest

from portal.domain.diagnosis import Code, Status, Step
from portal.domain.mail_config import Encryption, Mechanism, Trust, TrustKind
from portal.mail.connection import WireError
from tests import certificates
from tests.scripted_smtp import CLOSE, RESET, SILENCE, Drip, ScriptedServer, ThenClose
from tests.wire import IMPATIENT, PASSWORD, USERNAME, anonymous, delivered, opened, outcome_of, server_at, to

ENCRYPTED = [Encryption.STARTTLS, Encryption.TLS]
PLAIN_RESPONSE = base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode())


def peer_showing(leaf_or_context, encryption, script=None):
    context = leaf_or_context if isinstance(leaf_or_context, ssl.SSLContext) else certificates.serving(leaf_or_context)
    return ScriptedServer(script or {}, context, implicit=encryption is Encryption.TLS)


BAD_PEERS = {
    "self-signed": (lambda: certificates.self_signed()[1], Code.TLS_UNTRUSTED),
    "unknown authority": (certificates.from_a_stranger, Code.TLS_UNTRUSTED),
    "expired": (certificates.expired, Code.TLS_EXPIRED),
    "not yet valid": (certificates.not_yet_valid, Code.TLS_EXPIRED),
    "wrong name": (lambda: certificates.good("other.example.test"), Code.TLS_NAME),
    "wildcard of another level": (lambda: certificates.good("*.test"), Code.TLS_NAME),
    "only an address": (lambda: certificates.good("127.0.0.1"), Code.TLS_NAME),
}


@pytest.mark.asvs("12.3.2")
@pytest.mark.parametrize("encryption", ENCRYPTED)
@pytest.mark.parametrize("kind", BAD_PEERS)
def test_a_worthless_certificate_gets_its_outcome_and_no_credentials(kind, encryption):
    make, code = BAD_PEERS[kind]
    with peer_showing(make(), encryption) as peer:
        seen, error = outcome_of(server_at(peer.port, encryption, trust=certificates.trusted()))

    assert seen == code
    assert not {"AUTH", "MAIL"} & set(peer.verbs())
    assert len(error.values["fingerprint"]) == 64
    assert error.values["valid_until"]


@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_a_certificate_without_alternative_names_is_good_for_no_name(encryption):
    pem, context = certificates.self_signed(named=False)
    with peer_showing(context, encryption) as peer:
        seen, error = outcome_of(server_at(peer.port, encryption, trust=Trust(TrustKind.PRIVATE_CA, pem)))

    assert seen == Code.TLS_NAME
    assert error.values["names"] == ""
    assert "AUTH" not in peer.verbs()


def test_the_facts_of_a_refused_certificate_name_its_issuer_names_and_fingerprint():
    leaf = certificates.from_a_stranger()
    with peer_showing(leaf, Encryption.STARTTLS) as peer:
        _, error = outcome_of(server_at(peer.port, Encryption.STARTTLS, trust=certificates.trusted()))

    assert error.values["fingerprint"] == certificates.pinned(leaf).value
    assert "trustme" in error.values["issuer"]
    assert error.values["names"] == certificates.HOST
    assert peer.connections == 2


def test_the_second_look_at_a_certificate_carries_no_credentials_and_may_fail():
    with peer_showing(certificates.from_a_stranger(), Encryption.STARTTLS, {"banner": [b"220 hi\r\n", CLOSE]}) as peer:
        seen, error = outcome_of(server_at(peer.port, Encryption.STARTTLS, trust=certificates.trusted()))

    assert seen == Code.TLS_UNTRUSTED
    assert error.values == {}


@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_the_systems_authorities_do_not_vouch_for_ours(encryption):
    with peer_showing(certificates.good(), encryption) as peer:
        seen, _ = outcome_of(server_at(peer.port, encryption))

    assert seen == Code.TLS_UNTRUSTED


@pytest.mark.parametrize("encryption", ENCRYPTED)
@pytest.mark.req("S1.18", "S3.15", "S4.12", "S4.13")
def test_a_private_authority_is_believed_and_everything_after_it_is_encrypted(encryption):
    findings = []
    with peer_showing(certificates.good(), encryption) as peer:
        server = server_at(peer.port, encryption, trust=certificates.trusted())
        words, session = delivered(server, observe=findings.append)

    assert words == "250 2.0.0 queued as 42"
    assert len(peer.messages) == 1
    assert peer.in_clear() == (["EHLO", "STARTTLS"] if encryption is Encryption.STARTTLS else [])
    assert {finding.step: finding.fact for finding in findings}[Step.ENCRYPT] == "tls"
    assert any("TLS 1.3" in line for line in session.transcript)


@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_a_pinned_certificate_is_believed_whatever_it_says_of_itself(encryption):
    leaf = certificates.expired()
    with peer_showing(leaf, encryption) as peer:
        assert outcome_of(server_at(peer.port, encryption, trust=certificates.pinned(leaf)))[0] == "ok"


@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_another_key_than_the_pinned_one_gets_not_a_byte(encryption):
    with peer_showing(certificates.good(), encryption) as peer:
        seen, error = outcome_of(server_at(peer.port, encryption, trust=certificates.pinned(certificates.expired())))

    assert seen == Code.TLS_PIN
    assert error.values["fingerprint"] == certificates.pinned(certificates.good()).value
    assert [heard for heard in peer.heard if heard.encrypted] == []


def test_an_address_is_checked_against_the_addresses_of_the_certificate():
    for names, code in ((("127.0.0.1",), "ok"), ((certificates.HOST,), Code.TLS_NAME)):
        with peer_showing(certificates.good(*names), Encryption.TLS) as peer:
            server = server_at(peer.port, Encryption.TLS, trust=certificates.trusted(), host="127.0.0.1")
            assert outcome_of(server)[0] == code


@pytest.mark.parametrize("pem", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "é"])
def test_an_unreadable_authority_vouches_for_nobody(pem):
    with peer_showing(certificates.good(), Encryption.TLS) as peer:
        seen, _ = outcome_of(server_at(peer.port, Encryption.TLS, trust=Trust(TrustKind.PRIVATE_CA, pem)))

    assert seen == Code.TLS_UNTRUSTED
    assert peer.heard == []


@pytest.mark.req("S1.23")
@pytest.mark.parametrize(
    ("version", "shown"), [(ssl.TLSVersion.TLSv1_2, "TLS 1.2"), (ssl.TLSVersion.TLSv1_3, "TLS 1.3")]
)
@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_client_and_server_agree_on_whatever_version_both_speak(version, shown, encryption):
    findings = []
    context = certificates.serving(certificates.good(), newest=version, oldest=version)
    with peer_showing(context, encryption) as peer:
        delivered(server_at(peer.port, encryption, trust=certificates.trusted()), observe=findings.append)

    assert next(finding for finding in findings if finding.step is Step.ENCRYPT).values["version"] == shown


@pytest.mark.asvs("12.1.1")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_tls_before_1_2_is_named_and_refused(encryption):
    context = certificates.serving(certificates.good(), newest=ssl.TLSVersion.TLSv1_1, oldest=ssl.TLSVersion.TLSv1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with peer_showing(context, encryption) as peer:
        assert outcome_of(server_at(peer.port, encryption, trust=certificates.trusted()))[0] == Code.TLS_OLD


@pytest.mark.parametrize("encryption", ENCRYPTED)
@pytest.mark.parametrize(
    ("act", "fact"),
    [
        (CLOSE, "handshake-cut"),
        (RESET, "handshake-cut"),
        (b"220 I speak in clear\r\n", "not-tls"),
        (SILENCE, "handshake-stalled"),
        (Drip(b"\x16\x03\x03\x00\xff" + b"\x02" * 200), "handshake-stalled"),
    ],
)
def test_a_broken_handshake_ends_in_time_and_says_how(act, fact, encryption):
    with peer_showing(certificates.good(), encryption, {"handshake": act}) as peer:
        seen, error = outcome_of(server_at(peer.port, encryption, trust=certificates.trusted()), deadlines=IMPATIENT)

    if seen == Code.REFUSED:  # the reset came before the connection was looked at
        assert act is RESET
        return
    if seen == Code.TLS_INJECTED:  # it was so quick that the words were there before our handshake began
        assert (encryption, fact) == (Encryption.STARTTLS, "not-tls")
        return
    assert seen == Code.TLS_FAILED
    assert error.fact in {fact, "handshake-cut"}


@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_a_handshake_without_a_common_cipher_fails_with_the_librarys_reason(encryption):
    context = certificates.serving(certificates.good(), newest=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    with peer_showing(context, encryption) as peer:
        seen, error = outcome_of(server_at(peer.port, encryption, trust=certificates.trusted()))

    assert (seen, error.fact) == (Code.TLS_FAILED, "handshake-failed")
    assert "HANDSHAKE_FAILURE" in error.values["reason"]


@pytest.mark.asvs("12.3.1")
@pytest.mark.parametrize("reply", [b"454 4.7.0 not now\r\n", b"502 5.5.1 no\r\n", b"250 what\r\n", CLOSE])
@pytest.mark.req("S3.15", "S4.12")
def test_a_server_that_does_not_encrypt_gets_nothing_in_clear(reply):
    with peer_showing(certificates.good(), Encryption.STARTTLS, {"starttls": reply}) as peer:
        seen, _ = outcome_of(server_at(peer.port, Encryption.STARTTLS, trust=certificates.trusted()))

    assert seen == Code.TLS_MISSING
    assert set(peer.verbs()) <= {"EHLO", "STARTTLS", "QUIT"}


@pytest.mark.req("S3.15", "S4.12")
def test_starttls_is_never_done_without():
    with ScriptedServer() as peer:
        seen, error = outcome_of(server_at(peer.port, Encryption.STARTTLS, cleartext=True))

    assert (seen, error.fact) == (Code.TLS_MISSING, "starttls-not-offered")
    assert peer.verbs() == ["EHLO", "QUIT"]


@pytest.mark.parametrize(
    "reply", [b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n", b"220 go\r\n2", b"220 go\r\n\x16\x03\x03"]
)
def test_anything_said_before_encryption_ends_the_session(reply):
    with peer_showing(certificates.good(), Encryption.STARTTLS, {"starttls": reply}) as peer:
        seen, _ = outcome_of(server_at(peer.port, Encryption.STARTTLS, trust=certificates.trusted()))

    assert seen == Code.TLS_INJECTED
    assert peer.verbs() == ["EHLO", "STARTTLS"]


def test_what_was_offered_in_clear_is_forgotten_once_encrypted():
    after = b"250-mail.example.test\r\n250 SIZE 5\r\n"
    with peer_showing(certificates.good(), Encryption.STARTTLS, {"ehlo2": after}) as peer:
        server = server_at(peer.port, Encryption.STARTTLS, trust=certificates.trusted())
        with opened(server) as session:
            assert session.notes == ("credentials-unused",)
            with pytest.raises(WireError) as caught:
                session.offer(to(size=6))

    assert caught.value.code is Code.TOO_LARGE
    assert peer.verbs() == ["EHLO", "STARTTLS", "EHLO", "QUIT"]


@pytest.mark.req("S1.18", "S4.13")
def test_none_never_encrypts_by_itself():
    with ScriptedServer({}, certificates.serving(certificates.good())) as peer:
        findings = []
        delivered(anonymous(server_at(peer.port)), observe=findings.append)

    assert "STARTTLS" not in peer.verbs()
    encrypt = next(finding for finding in findings if finding.step is Step.ENCRYPT)
    assert (encrypt.status, encrypt.fact) == (Status.SKIPPED, "not-requested")


@pytest.mark.parametrize("encryption", list(Encryption))
@pytest.mark.req("S1.15", "S1.16", "S2.9")
def test_random_credentials_do_no_harm_where_the_server_asks_for_none(encryption):
    findings = []
    context = certificates.serving(certificates.good())
    with ScriptedServer({}, context, encryption is Encryption.TLS, extensions=("SIZE",)) as peer:
        server = server_at(peer.port, encryption, trust=certificates.trusted(), username="zxcv")
        _, session = delivered(server, password="qwer", observe=findings.append)

    assert len(peer.messages) == 1
    assert "AUTH" not in peer.verbs()
    assert session.notes == ("credentials-unused",)
    sign_in = next(finding for finding in findings if finding.step is Step.SIGN_IN)
    assert (sign_in.status, sign_in.fact) == (Status.SKIPPED, "credentials-unused")


def test_credentials_go_in_clear_only_with_consent():
    for consent, code in ((False, Code.AUTH_CLEARTEXT), (True, "ok")):
        with ScriptedServer() as peer:
            assert outcome_of(server_at(peer.port, cleartext=consent))[0] == code
        assert ("AUTH" in peer.verbs()) is consent


@pytest.mark.req("S2.9")
def test_without_sign_in_nobody_signs_in_though_it_is_offered():
    with ScriptedServer() as peer:
        assert outcome_of(anonymous(server_at(peer.port)))[0] == "ok"

    assert "AUTH" not in peer.verbs()


@pytest.mark.parametrize(
    ("offer", "wanted", "used"),
    [
        ("AUTH LOGIN PLAIN", Mechanism.AUTO, "PLAIN"),
        ("AUTH login", Mechanism.AUTO, "LOGIN"),
        ("AUTH=LOGIN", Mechanism.AUTO, "LOGIN"),
        ("AUTH PLAIN LOGIN", Mechanism.LOGIN, "LOGIN"),
        ("AUTH CRAM-MD5 PLAIN", Mechanism.AUTO, "PLAIN"),
        ("AUTH CRAM-MD5 XOAUTH2", Mechanism.AUTO, None),
        ("AUTH LOGIN", Mechanism.PLAIN, None),
        ("AUTH", Mechanism.AUTO, None),
    ],
)
def test_the_strongest_common_mechanism_is_used(offer, wanted, used):
    with ScriptedServer(extensions=(offer,)) as peer:
        seen, error = outcome_of(server_at(peer.port, cleartext=True, mechanism=wanted))

    assert [heard.line.split()[1].decode() for heard in peer.heard if heard.verb == "AUTH"] == ([used] if used else [])
    assert seen == ("ok" if used else Code.AUTH_UNSUPPORTED)
    if error:
        assert error.values["offered"] == " ".join(sorted(offer.split()[1:]))


def test_plain_and_login_say_user_name_and_password_in_utf_8():
    expected = {
        Mechanism.PLAIN: [b"AUTH PLAIN " + PLAIN_RESPONSE],
        Mechanism.LOGIN: [
            b"AUTH LOGIN",
            base64.b64encode(USERNAME.encode()),
            base64.b64encode(PASSWORD.encode()),
        ],
    }
    for mechanism, lines in expected.items():
        with ScriptedServer() as peer:
            outcome_of(server_at(peer.port, cleartext=True, mechanism=mechanism))
        assert [heard.line for heard in peer.heard][1 : 1 + len(lines)] == lines


def test_a_long_password_waits_for_the_servers_challenge():
    password = "x" * 9190
    with ScriptedServer() as peer:
        assert outcome_of(server_at(peer.port, cleartext=True), password=password)[0] == "ok"

    opening, response = (heard.line for heard in peer.heard[1:3])
    assert opening == b"AUTH PLAIN"
    assert base64.b64decode(response).endswith(password.encode())


@pytest.mark.parametrize(
    "password", ["a\nb", "a\rb", "a\0b", "a\x7fb", "a\x85b", "\ud800", "x" * 10_000], ids=lambda text: repr(text)[:10]
)
def test_a_password_that_cannot_be_sent_is_refused_before_anything_happens(password):
    with ScriptedServer() as peer, pytest.raises(ValueError):
        opened(server_at(peer.port, cleartext=True), password=password)

    assert peer.connections == 0


@pytest.mark.parametrize("encryption", ENCRYPTED)
def test_a_wrong_password_is_tried_exactly_once(encryption):
    with peer_showing(certificates.good(), encryption, {"auth": b"535 5.7.8 wrong\r\n"}) as peer:
        seen, _ = outcome_of(server_at(peer.port, encryption, trust=certificates.trusted()))

    assert seen == Code.AUTH_REJECTED
    assert peer.verbs().count("AUTH") == 1
    assert peer.verbs()[-1] == "QUIT"


@pytest.mark.parametrize("answer", [b"504 5.5.4 not that\r\n", b"534 5.7.9 too weak\r\n"])
def test_another_mechanism_is_tried_only_when_the_server_objects_to_the_first(answer):
    with ScriptedServer({"auth": [answer, b"235 2.7.0 welcome\r\n"]}) as peer:
        assert outcome_of(server_at(peer.port, cleartext=True))[0] == "ok"

    assert [heard.line.split()[1] for heard in peer.heard if heard.verb == "AUTH"] == [b"PLAIN", b"LOGIN"]


ECHOES = [
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    PLAIN_RESPONSE.decode(),
    base64.b64encode(b"x" + PASSWORD.encode()).decode(),
    base64.b64encode(b"xx" + PASSWORD.encode() + b"y").decode(),
    PASSWORD.encode().hex(),
    PASSWORD.encode().hex().upper(),
    quote(PASSWORD),
    PASSWORD.upper(),
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("stage", ["banner", "ehlo", "auth", "mail", "rcpt", "data", "dot"])
def test_a_server_that_repeats_the_password_is_not_repeated(stage, echo):
    code = b"421" if stage in {"banner", "ehlo"} else b"535" if stage == "auth" else b"550"
    findings = []
    with ScriptedServer({stage: code + b" 5.7.8 you said " + echo.encode() + b" to me\r\n"}) as peer:
        _, error = outcome_of(server_at(peer.port, cleartext=True), observe=findings.append)

    told = repr((error.reply, getattr(error, "values", ""), getattr(error, "transcript", ""), findings)).lower()
    assert "you said" in told
    assert "[hidden]" in told
    assert echo.lower() not in told
    assert echo.lower()[4:16] not in told


def test_the_transcript_of_a_sign_in_hides_it_at_the_source():
    for mechanism in (Mechanism.PLAIN, Mechanism.LOGIN):
        with ScriptedServer() as peer:
            _, session = delivered(server_at(peer.port, cleartext=True, mechanism=mechanism))
        text = "\n".join(session.transcript)
        assert "[hidden]" in text
        assert base64.b64encode(USERNAME.encode()).decode() not in text
        assert PLAIN_RESPONSE.decode() not in text
        assert "C: (message, 29 octets)" in text


def test_a_session_that_could_not_be_opened_still_tells_what_was_said():
    with ScriptedServer({"auth": ThenClose(b"535 5.7.8 wrong\r\n")}) as peer:
        _, error = outcome_of(server_at(peer.port, cleartext=True))

    assert error.transcript[0] == "S: 220 mail.example.test ready"
    assert "C: AUTH PLAIN [hidden]" in error.transcript
    assert "S: 535 5.7.8 wrong" in error.transcript
