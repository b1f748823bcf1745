"""A session offers mails, streams them, and ends each with a dot of its own."""

import contextlib
import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.diagnosis import Code, Status, Step
from portal.domain.mail_config import Encryption
from portal.domain.secret import Secret
from portal.mail.connection import DELIVERY, INTERACTIVE, Envelope, WireError, open_session
from portal.mail.egress import Egress
from tests import certificates
from tests.scripted_smtp import CLOSE, RESET, SILENCE, Drip, Endless, ScriptedServer, ThenClose
from tests.wire import CONTENT, IMPATIENT, QUICK, anonymous, delivered, opened, outcome_of, server_at, to


@pytest.fixture
def peer():
    with ScriptedServer() as peer:
        yield peer


def plain(peer):
    return anonymous(server_at(peer.port))


def test_a_mail_is_delivered_and_every_step_of_it_is_told(peer):
    findings = []
    words, session = delivered(plain(peer), observe=findings.append)

    assert words == "250 2.0.0 queued as 42"
    assert peer.messages == [CONTENT]
    assert [(finding.step, finding.status, finding.fact) for finding in findings] == [
        (Step.RESOLVE, Status.DONE, "address"),
        (Step.CONNECT, Status.DONE, "port-answers"),
        (Step.GREET, Status.DONE, "greeting"),
        (Step.ENCRYPT, Status.SKIPPED, "not-requested"),
        (Step.SIGN_IN, Status.SKIPPED, "not-requested"),
        (Step.SENDER, Status.DONE, "sender-accepted"),
        (Step.RECIPIENT, Status.DONE, "recipients"),
        (Step.CONTENT, Status.DONE, "content-sent"),
        (Step.ACCEPT, Status.DONE, "accepted"),
    ]
    assert all(finding.code is Code.OK and finding.milliseconds >= 0 for finding in findings)
    assert findings[0].values == {"address": "127.0.0.1"}
    assert findings[2].reply == "220 mail.example.test ready"
    assert session.transcript == (
        "S: 220 mail.example.test ready",
        "C: EHLO portal.example.test",
        "S: 250-mail.example.test",
        "S: 250-SIZE 1000000",
        "S: 250-8BITMIME",
        "S: 250 AUTH PLAIN LOGIN",
        "C: MAIL FROM:<rex@demo.test> SIZE=29",
        "S: 250 2.1.0 sender fine",
        "C: RCPT TO:<sue@demo.test>",
        "S: 250 2.1.5 recipient fine",
        "C: DATA",
        "S: 354 go on",
        "C: (message, 29 octets)",
        "C: .",
        "S: 250 2.0.0 queued as 42",
        "C: QUIT",
        "S: 221 2.0.0 bye",
    )


def test_a_failed_step_is_told_with_code_and_reply_and_is_the_last_one():
    findings = []
    with ScriptedServer({"auth": b"535 5.7.8 wrong\r\n"}) as peer:
        _, error = outcome_of(server_at(peer.port, cleartext=True), observe=findings.append)

    last = findings[-1]
    assert (last.step, last.status, last.code, last.reply) == (
        Step.SIGN_IN,
        Status.FAILED,
        Code.AUTH_REJECTED,
        "535 5.7.8 wrong",
    )
    assert (error.step, error.reply) == (last.step, last.reply)


def test_without_the_final_dot_nothing_is_delivered():
    with ScriptedServer() as peer:
        with opened(plain(peer)) as session:
            session.offer(to())
            session.stream(CONTENT)
        assert session.transcript[-1] == "C: (message, 29 octets)"

    assert peer.messages == []
    assert "QUIT" not in peer.verbs()


def test_several_mails_go_through_one_session_and_a_reset_forgets_one(peer):
    with opened(plain(peer)) as session:
        session.offer(to("cal@demo.test"))
        session.reset()
        for text in (b"one\r\n", b"two\r\n"):
            session.offer(to("sue@demo.test"))
            session.stream(text)
            assert session.finish().startswith("250")

    assert peer.messages == [b"one\r\n", b"two\r\n"]
    assert peer.connections == 1
    assert peer.verbs()[-1] == "QUIT"


def test_each_recipient_has_an_answer_of_its_own():
    script = {"rcpt": [b"250 ok\r\n", b"550 5.1.1 nobody\r\n", b"450 4.2.1 later\r\n", b"252 perhaps\r\n"]}
    findings = []
    with ScriptedServer(script) as peer, opened(plain(peer), observe=findings.append) as session:
        receptions = session.offer(to("sue@demo.test", "cal@demo.test", "rex@demo.test", "pia@demo.test"))

    assert [(reception.recipient[:3], reception.code) for reception in receptions] == [
        ("sue", Code.OK),
        ("cal", Code.RECIPIENT_REJECTED),
        ("rex", Code.RECIPIENT_TEMPORARY),
        ("pia", Code.OK),
    ]
    assert receptions[1].reply == "550 5.1.1 nobody"
    assert findings[-1].values == {"accepted": "2", "refused": "2"}
    assert findings[-1].status is Status.DONE


def test_nothing_is_streamed_when_nobody_was_accepted():
    findings = []
    with ScriptedServer({"rcpt": b"550 no\r\n"}) as peer, opened(plain(peer), observe=findings.append) as session:
        session.offer(to())
        with pytest.raises(ValueError):
            session.stream(CONTENT)

    assert "DATA" not in peer.verbs()
    assert (findings[-1].step, findings[-1].status, findings[-1].code) == (
        Step.RECIPIENT,
        Status.FAILED,
        Code.RECIPIENT_REJECTED,
    )


def test_steps_out_of_order_are_a_bug_of_the_caller(peer):
    with opened(plain(peer)) as session:
        for step in (lambda: session.stream(CONTENT), session.finish):
            with pytest.raises(ValueError):
                step()
        session.offer(to())
        session.stream(CONTENT)
        with pytest.raises(ValueError):
            session.reset()
        session.finish()
        with pytest.raises(ValueError):
            session.finish()


@pytest.mark.parametrize(
    "content", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n.\n", b"a\n.\r\n", b"a\r.\r\r\n", b"a\0b\r\n", b"\n\r"]
)
def test_a_line_end_that_is_not_crlf_never_leaves(content, peer):
    with opened(plain(peer)) as session:
        session.offer(to())
        with pytest.raises(ValueError):
            session.stream(content)

    assert "DATA" not in peer.verbs()


def test_eight_bit_content_is_refused_where_it_was_not_negotiated(peer):
    with opened(plain(peer)) as session:
        session.offer(to())
        with pytest.raises(ValueError):
            session.stream("grüße\r\n".encode())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([b".", b"..", b"", b"a", b".a", b"..b.", b"QUIT", b"x" * 300]), max_size=12))
def test_dots_at_the_beginning_of_lines_arrive_doubled_and_end_nothing(peer, lines):
    content = b"".join(line + b"\r\n" for line in lines) or b"\r\n"
    peer.messages.clear()
    with opened(plain(peer)) as session:
        session.offer(to())
        session.stream(content)
        session.finish()

    assert len(peer.messages) == 1
    undone = b"".join(line.removeprefix(b".") for line in peer.messages[0].splitlines(keepends=True))
    assert undone == content


def test_content_without_a_last_line_end_gets_one(peer):
    delivered(plain(peer), content=b"no end")

    assert peer.messages == [b"no end\r\n"]


def test_an_address_beyond_ascii_needs_a_server_that_takes_it():
    envelope = to("jürgen@demo.test", "sue@demo.test")
    with ScriptedServer() as peer, opened(plain(peer)) as session:
        codes = [reception.code for reception in session.offer(envelope)]
    assert codes == [Code.NEEDS_SMTPUTF8, Code.OK]
    assert b"SMTPUTF8" not in b"".join(heard.line for heard in peer.heard)

    with ScriptedServer(extensions=("SMTPUTF8", "8BITMIME")) as peer, opened(plain(peer)) as session:
        codes = [reception.code for reception in session.offer(envelope)]
        session.stream("Subject: grüße\r\n\r\n".encode())
        session.finish()
    assert codes == [Code.OK, Code.OK]
    assert peer.heard[1].line == b"MAIL FROM:<rex@demo.test> BODY=8BITMIME SMTPUTF8"
    assert peer.heard[2].line == "RCPT TO:<jürgen@demo.test>".encode()


def test_what_is_not_needed_is_not_asked_for():
    with ScriptedServer(extensions=("SMTPUTF8", "8BITMIME")) as peer:
        delivered(plain(peer))

    assert peer.heard[1].line == b"MAIL FROM:<rex@demo.test>"


def test_a_sender_beyond_ascii_stops_the_whole_mail(peer):
    seen, _ = outcome_of(plain(peer), envelope=to(sender="jürgen@demo.test"))

    assert seen == Code.NEEDS_SMTPUTF8
    assert "MAIL" not in peer.verbs()


def test_the_null_sender_is_written_as_such(peer):
    delivered(plain(peer), envelope=to(sender=""))

    assert peer.heard[1].line == b"MAIL FROM:<> SIZE=29"


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test>\r\nRCPT TO:<c@d.test",
        "a\0@b.test",
        "a@b.test> SIZE=1 <x",
        "a b@c.test",
        "<a@b.test",
        "x" * 600 + "@b.test",
    ],
)
def test_an_address_that_would_be_more_than_one_argument_is_refused_before_a_word_is_said(address, peer):
    with opened(plain(peer)) as session:
        for envelope in (
            Envelope(address, ("sue@demo.test",), 5),
            to("sue@demo.test", address),
            Envelope("a@b.test", (), 5),
        ):
            if envelope.recipients == () or address:
                with pytest.raises(ValueError):
                    session.offer(envelope)

    assert peer.verbs() == ["EHLO", "QUIT"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_in_an_envelope_becomes_another_command(peer, sender, recipient):
    peer.heard.clear()
    with opened(plain(peer)) as session, contextlib.suppress(ValueError, WireError):
        session.offer(Envelope(sender, (recipient,), 5))

    assert peer.verbs() in (["EHLO", "QUIT"], ["EHLO", "MAIL", "QUIT"], ["EHLO", "MAIL", "RCPT", "QUIT"])


@pytest.mark.parametrize("name", ["", "a b", "a\r\nMAIL", "a\0", "ä.test"])
def test_a_name_that_cannot_be_said_in_ehlo_is_not_said(name, peer):
    server = server_at(peer.port)
    object.__setattr__(server, "helo_name", name or "x" * 510)
    with pytest.raises(ValueError):
        opened(server)

    assert peer.heard == []


def test_what_is_not_recorded_has_no_transcript_and_tells_its_steps_all_the_same(peer):
    findings = []
    _words, session = delivered(plain(peer), observe=findings.append, is_recorded=False)

    assert (session.transcript, findings[2].reply) == ((), "220 mail.example.test ready")
    assert findings[-1].step is Step.ACCEPT


def test_a_transcript_has_an_end_though_a_session_goes_on(peer):
    with opened(plain(peer)) as session:
        for _ in range(150):
            session.offer(to())
            session.reset()

    assert len(session.transcript) == 400
    assert peer.verbs().count("RSET") == 150


@pytest.mark.parametrize(("reply", "code"), [(b"421 4.3.2 leaving\r\n", Code.BUSY), (b"502 no\r\n", Code.UNEXPECTED)])
def test_a_server_that_does_not_forget_is_not_used_further(reply, code):
    with ScriptedServer({"rset": reply}) as peer, opened(plain(peer)) as session:
        session.offer(to())
        with pytest.raises(WireError) as caught:
            session.reset()

    assert caught.value.code is code


def test_goodbye_never_raises_and_may_be_said_twice(peer):
    session = opened(plain(peer))
    session.quit()
    session.quit()
    session.close()

    with pytest.raises(WireError) as caught:
        session.offer(to())
    assert caught.value.code is Code.LOST


def test_a_password_sign_in_without_a_password_is_a_bug_of_the_caller(peer):
    with pytest.raises(ValueError):
        open_session(server_at(peer.port), None, egress=Egress(), deadlines=QUICK)

    assert peer.connections == 0


def test_a_server_that_is_not_there_is_refused_and_told():
    findings = []
    with ScriptedServer() as peer:
        port = peer.port
    seen, error = outcome_of(server_at(port), observe=findings.append)

    assert (seen, error.step) == (Code.REFUSED, Step.CONNECT)
    assert [finding.status for finding in findings] == [Status.DONE, Status.FAILED]


def test_an_address_that_is_not_allowed_is_never_tried(peer):
    with pytest.raises(WireError) as caught:
        open_session(
            server_at(peer.port, host="127.0.0.1"),
            Secret("correct horse"),
            egress=Egress(allowed_ports=frozenset({peer.port})),
            deadlines=QUICK,
        )

    assert caught.value.code is Code.BLOCKED
    assert peer.connections == 0


@pytest.mark.parametrize("stage", ["banner", "ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("act", [SILENCE, Drip(b"250 " + b"x" * 400, every=0.02)])
def test_a_step_ends_at_its_deadline_however_its_bytes_come(stage, act):
    with ScriptedServer({stage: act}) as peer:
        begun = time.monotonic()
        outcome_of(plain(peer), deadlines=IMPATIENT)
        took = time.monotonic() - begun

    assert IMPATIENT.command - 0.05 < took < IMPATIENT.command + 0.5


def test_a_session_ends_at_its_own_deadline_though_every_step_keeps_its_own():
    slow = Drip(b"250 ok\r\n", every=0.04)
    deadlines = type(QUICK)(connect=2, greeting=2, command=2, data_block=2, final_dot=2, session=0.8)
    with ScriptedServer({"mail": slow, "rcpt": slow, "data": Drip(b"354 ok\r\n", every=0.04), "dot": slow}) as peer:
        begun = time.monotonic()
        seen, _ = outcome_of(plain(peer), deadlines=deadlines)
        took = time.monotonic() - begun

    assert seen in {Code.SLOW, Code.UNKNOWN}
    assert took < 1.3


@pytest.mark.parametrize(
    ("early", "code"),
    [
        (b"552 5.3.4 too big\r\n", Code.CONTENT_REJECTED),
        (b"421 4.3.2 leaving\r\n", Code.BUSY),
        (ThenClose(b"421 4.3.2 leaving\r\n"), Code.BUSY),
        (b"250 2.0.0 queued\r\n", Code.UNEXPECTED),
        (b"25", Code.UNEXPECTED),
        (b"nonsense\r\n", Code.GARBAGE),
        (b"250-" + b"x" * 5000, Code.FLOOD),
        (CLOSE, Code.LOST),
        (RESET, Code.LOST),
    ],
)
@pytest.mark.parametrize("encryption", list(Encryption))
def test_what_happens_before_the_dot_is_known_and_the_dot_stays_unsaid(early, code, encryption):
    context = certificates.serving(certificates.good())
    with ScriptedServer({"body": early}, context, encryption is Encryption.TLS) as peer:
        server = anonymous(server_at(peer.port, encryption, trust=certificates.trusted()))
        with opened(server) as session:
            session.offer(to())
            session.stream(CONTENT)
            time.sleep(0.1)  # the server's words are on their way
            with pytest.raises(WireError) as caught:
                session.finish()

    assert caught.value.code is code
    assert caught.value.step is Step.ACCEPT
    assert peer.messages == []
    assert "C: ." not in session.transcript


def test_a_server_that_stops_reading_the_body_is_too_slow():
    with ScriptedServer({"body": SILENCE}) as peer:
        seen, error = outcome_of(plain(peer), content=b"0123456789\r\n" * 2_000_000, deadlines=IMPATIENT)

    assert (seen, error.step) == (Code.SLOW, Step.CONTENT)
    assert peer.messages == []


@pytest.mark.parametrize("encryption", list(Encryption))
@pytest.mark.parametrize("chunk", [b"250-" + b"x" * 3000 + b"\r\n", b"250 " + b"x" * 60_000, b"250-\r\n"])
def test_a_flood_costs_two_megabytes_at_most_and_no_time(chunk, encryption):
    context = certificates.serving(certificates.good())
    with ScriptedServer({"mail": Endless(chunk)}, context, encryption is Encryption.TLS) as peer:
        server = anonymous(server_at(peer.port, encryption, trust=certificates.trusted()))
        outcome_of(server, deadlines=QUICK)  # what is built once per process is built
        tracemalloc.start()
        begun = time.monotonic()
        seen, _ = outcome_of(server, deadlines=QUICK)
        took = time.monotonic() - begun
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert seen == Code.FLOOD
    assert peak < 2 * 1024 * 1024
    assert took < 1.5


def test_the_two_presets_keep_the_rfcs_minima_and_half_a_minute():
    assert DELIVERY.greeting >= 300
    assert DELIVERY.command >= 300
    assert DELIVERY.data_block >= 180
    assert DELIVERY.final_dot >= 600
    assert INTERACTIVE.session == 30
