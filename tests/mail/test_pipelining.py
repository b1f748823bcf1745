"""One round trip a mail where the server takes commands in groups (RFC 2920), and never a dot too early."""

import socket

import pytest

from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Encryption
from portal.mail import tls
from portal.mail.channel import Channel
from portal.mail.connection import WireError
from tests import certificates
from tests.scripted_smtp import CLOSE, ScriptedServer, ThenClose
from tests.wire import CONTENT, anonymous, opened, server_at, to

GROUPS = ("PIPELINING", "SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN")
FIRST, SECOND = to("sue@demo.test"), to("cal@demo.test")


def talking_in_groups(script=None, **options):
    return ScriptedServer(script or {}, extensions=GROUPS, **options)


def plain(peer):
    return anonymous(server_at(peer.port))


def carry(session, envelope, *, following=None):
    receptions = session.offer(envelope)
    session.stream(CONTENT)
    session.finish(following)
    return [reception.code for reception in receptions]


@pytest.fixture
def writes(monkeypatch):
    """What the client writes, one piece for each write; a slow peer may read several at once."""
    pieces, send = [], Channel.send

    def noted(self, data, *, by):
        pieces.append(bytes(data))
        send(self, data, by=by)

    monkeypatch.setattr(Channel, "send", noted)
    return pieces


def test_the_whole_envelope_and_data_are_one_write(writes):
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        assert carry(session, to("sue@demo.test", "cal@demo.test")) == [Code.OK, Code.OK]

    assert (
        b"".join(
            [
                b"MAIL FROM:<rex@demo.test> SIZE=29\r\n",
                b"RCPT TO:<sue@demo.test>\r\nRCPT TO:<cal@demo.test>\r\nDATA\r\n",
            ]
        )
        in writes
    )
    assert peer.messages == [CONTENT]


def test_without_the_extension_every_command_waits_for_its_answer(writes):
    with ScriptedServer() as peer, opened(plain(peer)) as session:
        carry(session, FIRST, following=SECOND)
        assert carry(session, SECOND) == [Code.OK]

    assert all(chunk.count(b"\r\n") == 1 or chunk.startswith(b"Subject") for chunk in writes)
    assert len(peer.messages) == 2


def test_the_dot_travels_with_the_next_envelope_and_the_body_without_it(writes):
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        carry(session, FIRST, following=SECOND)
        assert carry(session, SECOND) == [Code.OK]

    assert CONTENT in writes
    assert b".\r\nMAIL FROM:<rex@demo.test> SIZE=29\r\nRCPT TO:<cal@demo.test>\r\nDATA\r\n" in writes
    assert peer.messages == [CONTENT, CONTENT]


def test_each_mail_has_a_record_of_its_own():
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        carry(session, FIRST, following=SECOND)
        first = session.transcript
        findings = []
        session.renew(findings.append)
        carry(session, SECOND)

    assert first[-2:] == ("C: .", "S: 250 2.0.0 queued as 42")
    assert session.transcript[:4] == (
        "C: MAIL FROM:<rex@demo.test> SIZE=29",
        "S: 250 2.1.0 sender fine",
        "C: RCPT TO:<cal@demo.test>",
        "S: 250 2.1.5 recipient fine",
    )
    assert [finding.step for finding in findings] == [Step.SENDER, Step.RECIPIENT, Step.CONTENT, Step.ACCEPT]


@pytest.mark.parametrize("encryption", [Encryption.NONE, Encryption.TLS], ids=str)
def test_forty_mails_take_at_most_one_and_a_third_round_trips_each(encryption):
    encrypts = encryption is Encryption.TLS
    handshakes = 1 + encrypts  # TCP, and TLS 1.3 (RFC 8446 §2), which the server's own count does not see
    context = certificates.serving(certificates.good()) if encrypts else None
    with talking_in_groups(tls=context, implicit=encrypts) as peer:
        server = server_at(peer.port, encryption, trust=certificates.trusted() if encrypts else None)
        with opened(server if encrypts else anonymous(server)) as session:
            for _ in range(39):
                carry(session, FIRST, following=FIRST)
            carry(session, FIRST)
        assert len(peer.messages) == 40

    assert (peer.turns + handshakes) / 40 <= 1.3


def test_one_context_serves_all_connections_with_the_same_trust():
    tls._context.cache_clear()
    context = certificates.serving(certificates.good())
    with ScriptedServer(tls=context, implicit=True) as peer:
        for _ in range(3):
            with opened(server_at(peer.port, Encryption.TLS, trust=certificates.trusted())) as session:
                carry(session, FIRST)

    assert tls._context.cache_info().misses == 1


def test_body_and_dot_are_two_writes_that_nothing_holds_back():
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        link = session._dialogue._channel._link
        assert link.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        session.offer(FIRST)
        session.stream(CONTENT)
        assert peer.messages == []
        session.finish()
        assert peer.messages == [CONTENT]


def test_a_check_never_says_data():
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        session.offer(FIRST, delivers=False)
        session.reset()

    assert peer.verbs() == ["EHLO", "MAIL", "RCPT", "RSET", "QUIT"]


def test_some_refused_recipients_do_not_hold_up_the_others():
    with (
        talking_in_groups({"rcpt": [b"550 5.1.1 nobody\r\n", b"250 fine\r\n"]}) as peer,
        opened(plain(peer)) as session,
    ):
        assert carry(session, to("no@demo.test", "sue@demo.test")) == [Code.RECIPIENT_REJECTED, Code.OK]

    assert peer.messages == [CONTENT]


def test_a_server_that_wants_content_for_nobody_gets_neither_content_nor_dot():
    with talking_in_groups({"rcpt": b"550 5.1.1 nobody\r\n"}) as peer, opened(plain(peer)) as session:
        session.offer(FIRST)
        session.reset()
        assert not session.is_idle

    assert peer.messages == []
    assert b"".join(peer.chunks).endswith(b"DATA\r\n")


def test_a_server_that_refuses_data_for_nobody_can_go_on():
    script = {
        "rcpt": [b"550 5.1.1 nobody\r\n", b"250 fine\r\n"],
        "data": [b"554 no valid recipients\r\n", b"354 go\r\n"],
    }
    with talking_in_groups(script) as peer, opened(plain(peer)) as session:
        session.offer(FIRST)
        session.reset()
        assert session.is_idle
        assert carry(session, SECOND) == [Code.OK]

    assert peer.messages == [CONTENT]


def test_a_refused_sender_ends_politely_and_without_a_dot():
    script = {"mail": b"550 5.7.1 not you\r\n", "rcpt": b"503 mail first\r\n", "data": b"503 mail first\r\n"}
    with talking_in_groups(script) as peer:
        with opened(plain(peer)) as session, pytest.raises(WireError) as refusal:
            session.offer(FIRST)
        session.quit()

    assert refusal.value.code is Code.SENDER_REJECTED
    assert peer.verbs()[-1] == "QUIT"


def test_a_refused_dot_leaves_the_next_mail_in_order():
    with talking_in_groups({"dot": [b"554 5.6.0 no\r\n", b"250 fine\r\n"]}) as peer, opened(plain(peer)) as session:
        session.offer(FIRST)
        session.stream(CONTENT)
        with pytest.raises(WireError) as refusal:
            session.finish(SECOND)
        assert refusal.value.code is Code.CONTENT_REJECTED
        assert carry(session, SECOND) == [Code.OK]


def test_a_connection_lost_at_the_dot_leaves_only_that_mail_unknown():
    with talking_in_groups({"dot": CLOSE}) as peer, opened(plain(peer)) as session:
        session.offer(FIRST)
        session.stream(CONTENT)
        with pytest.raises(WireError) as loss:
            session.finish(SECOND)
        assert loss.value.code is Code.UNKNOWN
        with pytest.raises(WireError) as nothing:
            session.offer(SECOND)
    assert nothing.value.code is Code.LOST


def test_a_connection_lost_right_behind_the_yes_leaves_that_mail_sent():
    with talking_in_groups({"dot": ThenClose(b"250 2.0.0 fine\r\n")}) as peer, opened(plain(peer)) as session:
        session.offer(FIRST)
        session.stream(CONTENT)
        assert session.finish(SECOND) == "250 2.0.0 fine"
        with pytest.raises(WireError) as nothing:
            session.offer(SECOND)
    assert nothing.value.code is Code.LOST


def test_the_next_mail_is_the_one_that_was_announced():
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        carry(session, FIRST, following=SECOND)
        with pytest.raises(ValueError, match="announced"):
            session.offer(FIRST)


def test_a_mail_that_is_too_large_for_the_server_is_not_announced():
    with talking_in_groups() as peer, opened(plain(peer)) as session:
        huge = to("cal@demo.test", size=2_000_000)
        carry(session, FIRST, following=huge)
        assert session.is_idle
        with pytest.raises(WireError) as refusal:
            session.offer(huge)

    assert refusal.value.code is Code.TOO_LARGE
    assert peer.verbs().count("MAIL") == 1


def test_reports_are_asked_for_where_the_server_offers_them():
    wanted = to("sue@demo.test")
    wanted = type(wanted)(wanted.sender, wanted.recipients, wanted.size, "a+b=c")
    for extensions, expected in (
        ((*GROUPS, "DSN"), b"SIZE=29 RET=HDRS ENVID=a+2Bb+3Dc\r\nRCPT TO:<sue@demo.test> NOTIFY=FAILURE,DELAY\r\n"),
        (GROUPS, b"SIZE=29\r\nRCPT TO:<sue@demo.test>\r\n"),
    ):
        with ScriptedServer(extensions=extensions) as peer, opened(plain(peer)) as session:
            carry(session, wanted)
        assert expected in b"".join(peer.chunks)
