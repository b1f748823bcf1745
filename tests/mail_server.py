"""Knows a real SMTP server for tests (aiosmtpd): three doors, one password, and everything it received."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests import rfc2047

GOOD_PASSWORD = "open sesame"


@dataclass(frozen=True)
class Letter:
    """One received mail: its envelope, its raw bytes, and how the connection was protected."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool
    username: str

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.SMTP)

    @property
    def subject(self) -> str:
        """Read by the strict decoder of the tests: the standard library lacks some labels."""
        fields, _ = rfc2047.fields_of(self.raw)
        return rfc2047.text_of(dict(fields)["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return rfc2047.codec_of(part.get_content_charset()).decode(part.get_payload(decode=True))[0]

    @property
    def charset(self) -> str:
        return self.message.get_body(("plain",)).get_content_charset()


@dataclass
class MailServer:
    ca_pem: str
    letters: list[Letter] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    starttls_port: int = 0
    tls_port: int = 0
    plain_port: int = 0
    closed_port: int = 0
    _refused: set[str] = field(default_factory=set)

    @property
    def ports(self) -> tuple[int, ...]:
        return self.starttls_port, self.tls_port, self.plain_port, self.closed_port

    def clear(self) -> None:
        self.letters.clear()
        self.sign_ins.clear()
        self._refused.clear()

    def typed(self, door: str = "starttls") -> dict[str, object]:
        """The fields of a configuration that goes through one of the doors."""
        port = {"starttls": self.starttls_port, "tls": self.tls_port, "none": self.plain_port}[door]
        trust = {"trust_kind": "private_ca", "trust_pem": self.ca_pem} if door != "none" else {}
        return {"host": "127.0.0.1", "port": str(port), "encryption": door, "signs_in": door != "none", **trust}

    async def handle_MAIL(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if session.ssl is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    def refuse(self, *addresses: str) -> None:
        """From now on nobody is there any more who has one of these addresses."""
        self._refused.update(addresses)

    def take(self, *addresses: str) -> None:
        """They are there again."""
        self._refused.difference_update(addresses)

    async def handle_RCPT(  # noqa: N802 - likewise
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._refused:
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        login = session.auth_data.login.decode() if session.auth_data else ""
        encrypted = session.ssl is not None
        letter = Letter(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content, encrypted, login)
        self.letters.append(letter)
        return "250 2.0.0 accepted"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.sign_ins.append(mechanism)
        return AuthResult(success=data.password == GOOD_PASSWORD.encode(), handled=False, auth_data=data)


class _ImplicitTls(Controller):
    """Whoever comes in by this door is encrypted from the first byte; aiosmtpd does not notice by itself."""

    def factory(self) -> SMTP:
        protocol = super().factory()
        original = protocol.connection_made

        def connection_made(transport: object) -> None:
            original(transport)
            protocol.session.ssl = {"implicit": True}

        protocol.connection_made = connection_made
        return protocol


@contextmanager
def serving() -> Iterator[MailServer]:
    authority = trustme.CA()
    server = MailServer(ca_pem=authority.cert_pem.bytes().decode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    common = {"hostname": "127.0.0.1", "port": 0, "authenticator": server.authenticate}
    starttls = _Anywhere(
        server, tls_context=context, require_starttls=True, auth_required=True, auth_require_tls=True, **common
    )
    # aiosmtpd does not notice implicit TLS and warns of what it takes for clear text: `handle_MAIL` asks for sign-in.
    tls = _AnywhereTls(server, ssl_context=context, auth_require_tls=False, **common)
    plain = _Anywhere(server, hostname="127.0.0.1", port=0)
    for each in (starttls, tls, plain):
        each.start()
    server.starttls_port, server.tls_port, server.plain_port = (each.port for each in (starttls, tls, plain))
    try:
        with socket.socket() as reserved:  # bound, but nobody listens: whoever connects is refused
            reserved.bind(("127.0.0.1", 0))
            server.closed_port = reserved.getsockname()[1]
            yield server
    finally:
        for each in (starttls, tls, plain):
            each.stop()


class _OnAnyPort:
    """Takes a port that is free and remembers which."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class _Anywhere(_OnAnyPort, Controller):
    pass


class _AnywhereTls(_OnAnyPort, _ImplicitTls):
    pass
