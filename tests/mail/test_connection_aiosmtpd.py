"""The same sessions with a mail server that somebody else wrote."""

from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Encryption, Mechanism
from tests import certificates
from tests.wire import CONTENT, PASSWORD, USERNAME, delivered, opened, outcome_of, server_at, to

pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:aiosmtpd"),
]


class Mailbox:
    def __init__(self):
        self.received = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the name that aiosmtpd calls
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 kept"


def only_rex(_server, _session, _envelope, _mechanism, data):
    right = data.login == USERNAME.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=right)


@contextmanager
def aiosmtpd(encryption):
    mailbox = Mailbox()
    context = certificates.serving(certificates.good())
    options = {"authenticator": only_rex, "auth_required": True, "auth_require_tls": encryption is Encryption.STARTTLS}
    if encryption is Encryption.STARTTLS:
        options |= {"tls_context": context, "require_starttls": True}
    if encryption is Encryption.TLS:
        options |= {"ssl_context": context}
    controller = Listening(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


class Listening(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.mark.parametrize("mechanism", [Mechanism.AUTO, Mechanism.PLAIN, Mechanism.LOGIN])  # aiosmtpd knows no other
@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
@pytest.mark.req("S1.18", "S3.15", "S4.12", "S4.13")
def test_a_real_server_takes_a_mail_over_either_encryption(encryption, mechanism):
    with aiosmtpd(encryption) as (mailbox, port):
        server = server_at(port, encryption, trust=certificates.trusted(), mechanism=mechanism)
        words, _ = delivered(server, envelope=to("sue@demo.test", "cal@demo.test"))

    assert words == "250 2.0.0 kept"
    assert mailbox.received == [("rex@demo.test", ["sue@demo.test", "cal@demo.test"], CONTENT)]


def test_a_real_server_refuses_a_wrong_password_and_a_mail_without_sign_in():
    with aiosmtpd(Encryption.STARTTLS) as (mailbox, port):
        server = server_at(port, Encryption.STARTTLS, trust=certificates.trusted())
        assert outcome_of(server, password="wrong-horse")[0] == Code.AUTH_REJECTED
        assert outcome_of(server_at(port))[0] in {Code.AUTH_REJECTED, Code.SERVER_REFUSED}

    assert mailbox.received == []


def test_a_real_server_sees_two_mails_with_dots_through_one_session():
    with (
        aiosmtpd(Encryption.TLS) as (mailbox, port),
        opened(server_at(port, Encryption.TLS, trust=certificates.trusted())) as session,
    ):
        for content in (b".\r\n..\r\n", b"a\r\n.b\r\n"):
            session.offer(to())
            session.stream(content)
            session.finish()
        session.offer(to())
        session.reset()

    assert [content for *_, content in mailbox.received] == [b".\r\n..\r\n", b"a\r\n.b\r\n"]
