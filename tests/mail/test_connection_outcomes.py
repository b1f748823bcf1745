"""Whatever a server does, the owner of the configuration reads one outcome, in time, and no secret is lost."""

import base64
import time

import pytest

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Encryption
from tests import certificates
from tests.scripted_smtp import CLOSE, RESET, SILENCE, Drip, Endless, ScriptedServer, ThenClose
from tests.wire import IMPATIENT, PASSWORD, USERNAME, anonymous, outcome_of, server_at, to

MODES = list(Encryption)
_SECRETS = (
    PASSWORD.encode(),
    base64.b64encode(PASSWORD.encode()),
    base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()),
)

FAULTS = [
    ("banner", CLOSE, Code.LOST),
    ("banner", SILENCE, Code.SILENT),
    ("banner", Drip(b"220 slow " + b"x" * 200), Code.SLOW),
    ("banner", Endless(b"220-more and more\r\n"), Code.FLOOD),
    ("banner", b"220 " + b"x" * 10_000 + b"\r\n", Code.FLOOD),
    ("banner", b"SSH-2.0-OpenSSH_9.2\r\n", Code.NOT_SMTP),
    ("banner", b"+OK POP3 ready\r\n", Code.NOT_SMTP),
    ("banner", b"\x4a\x00\x00\x00\x0a8.0.36\x00", Code.NOT_SMTP),
    ("banner", b"200 news server\r\n", Code.NOT_SMTP),
    ("banner", b"421 4.3.2 later\r\n", Code.BUSY),
    ("banner", b"554 5.3.2 never\r\n", Code.SERVER_REFUSED),
    ("banner", b"220-one\r\n250 two\r\n", Code.NOT_SMTP),
    ("ehlo", CLOSE, Code.LOST),
    ("ehlo", RESET, Code.LOST),
    ("ehlo", SILENCE, Code.SLOW),
    ("ehlo", Drip(b"250 slow " + b"x" * 200), Code.SLOW),
    ("ehlo", Endless(b"250-SIZE\r\n"), Code.FLOOD),
    ("ehlo", b"250 " + b"x" * 10_000, Code.FLOOD),
    ("ehlo", b"421 4.3.2 later\r\n", Code.BUSY),
    ("ehlo", b"354 what\r\n", Code.UNEXPECTED),
    ("ehlo", b"\x00\x01\x02\xff\r\n", Code.GARBAGE),
    ("ehlo", b"250-one\r\n251 two\r\n", Code.GARBAGE),
    ("ehlo", b"999 what\r\n", Code.GARBAGE),
    ("auth", CLOSE, Code.AUTH_TEMPORARY),
    ("auth", RESET, Code.AUTH_TEMPORARY),
    ("auth", SILENCE, Code.SLOW),
    ("auth", Drip(b"235 slow " + b"x" * 200), Code.SLOW),
    ("auth", Endless(b"235-yes\r\n"), Code.FLOOD),
    ("auth", b"535 5.7.8 wrong\r\n", Code.AUTH_REJECTED),
    ("auth", b"534 5.7.9 too weak\r\n", Code.AUTH_REJECTED),
    ("auth", b"538 5.7.11 encrypt first\r\n", Code.AUTH_REJECTED),
    ("auth", b"530 5.7.0 no\r\n", Code.AUTH_REJECTED),
    ("auth", b"504 5.5.4 unknown mechanism\r\n", Code.AUTH_UNSUPPORTED),
    ("auth", b"454 4.7.0 later\r\n", Code.AUTH_TEMPORARY),
    ("auth", b"421 4.7.0 later\r\n", Code.AUTH_TEMPORARY),
    ("auth", b"432 4.7.12 transition\r\n", Code.AUTH_TEMPORARY),
    ("auth", b"250 what\r\n", Code.UNEXPECTED),
    ("auth", [b"334 more\r\n", b"501 cancelled\r\n"], Code.UNEXPECTED),
    ("auth", b"\xff\xfe\r\n", Code.GARBAGE),
    ("mail", CLOSE, Code.LOST),
    ("mail", SILENCE, Code.SLOW),
    ("mail", b"550 5.7.1 not as him\r\n", Code.SENDER_REJECTED),
    ("mail", b"452 4.3.1 full\r\n", Code.BUSY),
    ("mail", b"552 5.3.4 too big\r\n", Code.TOO_LARGE),
    ("mail", b"530 5.7.0 Authentication required\r\n", Code.AUTH_REJECTED),
    ("mail", b"354 what\r\n", Code.UNEXPECTED),
    ("mail", Endless(b"250-ok\r\n"), Code.FLOOD),
    ("rcpt", CLOSE, Code.LOST),
    ("rcpt", SILENCE, Code.SLOW),
    ("rcpt", b"550 5.1.1 nobody\r\n", Code.RECIPIENT_REJECTED),
    ("rcpt", b"450 4.2.1 greylisted\r\n", Code.RECIPIENT_TEMPORARY),
    ("rcpt", b"552 5.5.3 too many\r\n", Code.RECIPIENT_TEMPORARY),
    ("rcpt", b"421 4.3.2 leaving\r\n", Code.BUSY),
    ("rcpt", b"251 forwarded\r\n", Code.OK),
    ("rcpt", b"252 perhaps\r\n", Code.OK),
    ("rcpt", b"354 what\r\n", Code.UNEXPECTED),
    ("data", CLOSE, Code.LOST),
    ("data", SILENCE, Code.SLOW),
    ("data", b"250 what\r\n", Code.UNEXPECTED),
    ("data", b"554 5.5.1 no valid recipients\r\n", Code.UNEXPECTED),
    ("data", b"451 4.3.0 trouble\r\n", Code.UNEXPECTED),
    ("data", b"421 4.3.2 leaving\r\n", Code.BUSY),
    ("data", Drip(b"354 slow " + b"x" * 200), Code.SLOW),
    ("dot", CLOSE, Code.UNKNOWN),
    ("dot", RESET, Code.UNKNOWN),
    ("dot", SILENCE, Code.UNKNOWN),
    ("dot", Drip(b"250 slow " + b"x" * 200), Code.UNKNOWN),
    ("dot", Endless(b"250-yes\r\n"), Code.UNKNOWN),
    ("dot", b"\xff\xfe\xfd\r\n", Code.UNKNOWN),
    ("dot", b"250-one\r\n550 two\r\n", Code.UNKNOWN),
    ("dot", b"354 what\r\n", Code.UNKNOWN),
    ("dot", ThenClose(b"25"), Code.UNKNOWN),
    ("dot", b"451 4.3.0 trouble\r\n", Code.BUSY),
    ("dot", b"554 5.7.1 spam\r\n", Code.CONTENT_REJECTED),
    ("dot", b"552 5.3.4 too big\r\n", Code.TOO_LARGE),
    ("dot", b"552 5.2.2 mailbox full\r\n", Code.CONTENT_REJECTED),
    ("dot", b"250 \xff\xfe\x00\x1b[31m red\r\n", Code.OK),
    ("dot", ThenClose(b"250 2.0.0 queued\r\n"), Code.OK),
    ("quit", CLOSE, Code.OK),
    ("quit", RESET, Code.OK),
    ("quit", SILENCE, Code.OK),
    ("quit", Endless(b"221-bye\r\n"), Code.OK),
    ("quit", b"\xff\r\n", Code.OK),
]


@pytest.mark.parametrize("encryption", MODES)
@pytest.mark.parametrize(("stage", "act", "code"), FAULTS, ids=lambda value: repr(value)[:40])
def test_every_fault_at_every_stage_has_its_outcome(stage, act, code, encryption):
    script = {stage: act}
    with ScriptedServer(
        script, certificates.serving(certificates.good()), implicit=encryption is Encryption.TLS
    ) as peer:
        server = server_at(peer.port, encryption, trust=certificates.trusted(), cleartext=True)
        begun = time.monotonic()
        seen, error = outcome_of(server, deadlines=IMPATIENT)
        took = time.monotonic() - begun

    assert seen == code
    assert took < IMPATIENT.session + 2.5
    _assert_nothing_secret_is_told(error)
    if encryption is not Encryption.NONE:
        assert not {"AUTH", "MAIL", "RCPT", "DATA"} & set(peer.in_clear())
    if code is Code.OK:
        assert len(peer.messages) == 1


@pytest.mark.parametrize("encryption", MODES)
def test_a_server_without_ehlo_is_spoken_to_the_old_way_only_in_clear(encryption):
    script = {"ehlo": b"502 5.5.1 what is EHLO?\r\n"}
    expected = {Encryption.NONE: Code.OK, Encryption.STARTTLS: Code.TLS_MISSING, Encryption.TLS: Code.SERVER_REFUSED}
    with ScriptedServer(
        script, certificates.serving(certificates.good()), implicit=encryption is Encryption.TLS
    ) as peer:
        seen, _ = outcome_of(server_at(peer.port, encryption, trust=certificates.trusted()))

    assert seen == expected[encryption]
    assert ("HELO" in peer.verbs()) == (encryption is Encryption.NONE)


@pytest.mark.parametrize(
    ("body", "code"), [(CLOSE, Code.LOST), (RESET, Code.LOST), (ThenClose(b"421 4.3.2 leaving\r\n"), Code.BUSY)]
)
def test_a_server_that_leaves_during_the_body_has_delivered_nothing(body, code):
    content = b"Subject: long\r\n\r\n" + b"0123456789\r\n" * 500_000
    with ScriptedServer({"body": body}) as peer:
        seen, _ = outcome_of(anonymous(server_at(peer.port)), content=content, envelope=to(size=5))

    # The farewell may be lost with the connection; what is never said is that the mail may have arrived.
    assert seen in {code, Code.LOST}
    assert peer.messages == []


def test_a_server_that_resets_at_once_is_refused_or_lost():
    with ScriptedServer({"banner": RESET}) as peer:
        seen, _ = outcome_of(anonymous(server_at(peer.port)))

    # The reset may arrive before or after the connection was looked at; nothing is said in either case.
    assert seen in {Code.LOST, Code.REFUSED}


def test_a_server_that_leaves_before_the_dot_is_lost_and_not_uncertain():
    with ScriptedServer({"body": CLOSE}) as peer:
        seen, _ = outcome_of(anonymous(server_at(peer.port)), content=b"A: b\r\n\r\nc\r\n" * 2)

    assert seen in {Code.LOST, Code.UNKNOWN}
    assert peer.messages == []


def test_a_reply_that_nobody_asked_for_is_not_taken_for_an_answer():
    with ScriptedServer({"rcpt": b"250 fine\r\n354 go on\r\n250 queued\r\n"}) as peer:
        seen, _ = outcome_of(anonymous(server_at(peer.port)))

    assert seen == Code.UNEXPECTED
    assert "DATA" not in peer.verbs()


def test_a_mail_over_the_servers_limit_is_not_even_offered():
    with ScriptedServer(extensions=("SIZE 100",)) as peer:
        seen, error = outcome_of(anonymous(server_at(peer.port)), envelope=to(size=101))

    assert seen == Code.TOO_LARGE
    assert error.values == {"size": "101", "limit": "100"}
    assert "MAIL" not in peer.verbs()


def test_a_size_of_zero_or_nonsense_is_no_limit():
    for size in ("SIZE", "SIZE 0", "SIZE many", "SIZE ²", "SIZE " + "9" * 300):
        with ScriptedServer(extensions=(size,)) as peer:
            assert outcome_of(anonymous(server_at(peer.port)), envelope=to(size=10**6))[0] == "ok"


def test_an_inbound_demand_for_encryption_is_named():
    with ScriptedServer({"mail": b"530 5.7.0 Must issue a STARTTLS command first\r\n"}) as peer:
        seen, error = outcome_of(anonymous(server_at(peer.port)))

    assert (seen, error.fact) == (Code.SERVER_REFUSED, "encryption-required")


@pytest.mark.parametrize(
    "banner",
    [
        b"SSH-2.0-secret-host\r\n",
        b"-ERR secret\r\n",
        b"HTTP/1.1 400 Bad Request\r\nServer: secret\r\n\r\n",
        b"* OK IMAP secret\r\n",
        b"RFB 003.008\nsecret",
        b"\x15\x03\x01\x00\x02\x02\x46secret",
        b"200 secret news\r\n",
        b"120 secret\r\n",
        b"220-secret\r\nsecret\r\n",
        b"\xff\xfd\x18secret",
    ],
)
def test_not_one_byte_of_another_service_is_shown(banner):
    findings = []
    with ScriptedServer({"banner": banner}) as peer:
        seen, error = outcome_of(anonymous(server_at(peer.port)), observe=findings.append)

    assert seen == Code.NOT_SMTP
    assert "secret" not in f"{error!r} {error.reply} {error.fact} {error.values} {error.transcript} {findings}"
    assert error.transcript == ()
    assert peer.heard == []


def _assert_nothing_secret_is_told(error):
    if error is None:
        return
    told = repr((error, error.reply, getattr(error, "values", ""), getattr(error, "transcript", ""))).encode()
    assert not any(secret in told for secret in _SECRETS)
