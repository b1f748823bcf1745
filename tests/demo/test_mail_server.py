"""The demo mail server has three doors: STARTTLS and TLS want a sign-in, the third has neither."""

import smtplib
import socket
import ssl
from datetime import UTC, datetime

import pytest

from portal.demo.certificates import ensure_certificates
from portal.demo.mail_server import Door, MailServer
from portal.demo.mailbox import Mailbox
from portal.domain.mail_config import Encryption
from tests.fixtures_demo import free_ports

PASSWORD = "relaytree-demo"
MAIL = b"Subject: Hello\r\n\r\nwords\r\n"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return ensure_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def trusting(certificates):
    return ssl.create_default_context(cadata=certificates.authority)


@pytest.fixture
def mailbox(tmp_path):
    return Mailbox(tmp_path, clock=lambda: datetime.now(UTC))


@pytest.fixture
def ports():
    return free_ports()


@pytest.fixture
def server(ports, certificates, mailbox):
    doors = zip(ports, (Encryption.STARTTLS, Encryption.TLS, Encryption.NONE), strict=True)
    server = MailServer(tuple(Door(*door) for door in doors), certificates.server_context(), mailbox, PASSWORD)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def starttls(server, ports):
    with smtplib.SMTP("127.0.0.1", ports.starttls) as client:
        client.ehlo()
        yield client


@pytest.fixture
def tls(server, ports, trusting):
    with smtplib.SMTP_SSL("127.0.0.1", ports.tls, context=trusting) as client:
        client.ehlo()
        yield client


@pytest.fixture
def plain(server, ports):
    with smtplib.SMTP("127.0.0.1", ports.plain) as client:
        client.ehlo()
        yield client


def deliver(client):
    client.sendmail("pia@demo.test", ["cal@demo.test", "sue@demo.test"], MAIL)


def test_before_starttls_nothing_else_is_possible(starttls):
    assert not starttls.has_extn("auth")
    assert starttls.docmd("AUTH PLAIN x")[0] == 530
    assert starttls.mail("pia@demo.test")[0] == 530


def test_after_starttls_a_mail_is_taken_from_whoever_signs_in(starttls, trusting, mailbox):
    starttls.starttls(context=trusting)
    starttls.login("anybody", PASSWORD)
    deliver(starttls)
    letter = mailbox.newest(1)[0]

    assert (letter.arrival.encryption, letter.arrival.username) == (Encryption.STARTTLS, "anybody")
    assert letter.arrival.recipients == ("cal@demo.test", "sue@demo.test")
    assert letter.source == MAIL.decode()


def test_tls_from_the_first_byte_takes_a_mail_from_whoever_signs_in(tls, mailbox):
    tls.login("anybody", PASSWORD)
    deliver(tls)

    assert mailbox.newest(1)[0].arrival.encryption is Encryption.TLS


def test_nobody_sends_through_an_encrypted_door_without_a_sign_in(starttls, tls, trusting, mailbox):
    starttls.starttls(context=trusting)
    for client in (starttls, tls):
        client.ehlo()

        assert client.mail("pia@demo.test") == (530, b"5.7.0 Authentication required")
    assert mailbox.newest(1) == []


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD + "x"])
@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_any_other_password_is_refused(tls, password, mechanism):
    tls.user, tls.password = "anybody", password
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        tls.auth(mechanism.removeprefix("auth_").upper(), lambda challenge=None: _answer(tls, mechanism, challenge))

    assert refused.value.smtp_code == 535
    assert refused.value.smtp_error.startswith(b"5.7.8 ")


def _answer(client, mechanism, challenge):
    if mechanism == "auth_plain":
        return f"\0{client.user}\0{client.password}"
    return client.user if challenge is not None and b"User" in challenge else client.password


def test_the_plain_door_knows_neither_encryption_nor_sign_in(plain, mailbox):
    assert not plain.has_extn("auth")
    assert not plain.has_extn("starttls")
    deliver(plain)

    assert mailbox.newest(1)[0].arrival.username == ""


def test_every_door_says_how_large_a_mail_may_be_and_means_it(plain):
    assert plain.esmtp_features["size"] == str(16 * 1024 * 1024)
    assert plain.mail("pia@demo.test", [f"SIZE={16 * 1024 * 1024 + 1}"])[0] == 552


def test_a_mailbox_that_cannot_be_written_puts_the_mail_off(plain, mailbox):
    mailbox.folder.rmdir()
    mailbox.folder.write_text("in the way")
    with pytest.raises(smtplib.SMTPDataError) as put_off:
        deliver(plain)

    assert put_off.value.smtp_code == 452


def test_an_address_that_is_no_text_is_kept_readable(plain, mailbox):
    plain.docmd("MAIL FROM:<pia@demo.test>")
    plain.send(b"RCPT TO:<caf\xe9@demo.test>\r\n")
    plain.getreply()
    plain.data(MAIL)

    assert mailbox.newest(1)[0].arrival.recipients == ("caf?@demo.test",)


def test_stopping_frees_the_ports_even_while_somebody_is_connected(server, starttls, ports):
    server.stop()

    for port in ports:
        with socket.socket() as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.bind(("127.0.0.1", port))


def test_a_server_can_be_stopped_twice(server):
    server.stop()
    server.stop()


def test_a_taken_port_is_an_error_at_the_start(certificates, mailbox):
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        door = Door(foreign.getsockname()[1], Encryption.NONE)
        server = MailServer((door,), certificates.server_context(), mailbox, PASSWORD)
        with pytest.raises(OSError, match="in use"):
            server.start()
