"""Knows the demo mail server: three doors on loopback, one password, and everything it takes goes into the mailbox."""

import asyncio
import hmac
import ssl
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from portal.demo.letters import Arrival
from portal.demo.mailbox import Mailbox
from portal.demo.ports import LOOPBACK
from portal.domain.mail_config import Encryption

_LARGEST = 16 * 1024 * 1024  # a PDF of ten megabytes, wrapped for the way
_NAME = "mail.demo.test"


@dataclass(frozen=True, slots=True)
class Door:
    """One port with its kind of encryption; wherever there is encryption, everybody signs in."""

    port: int
    encryption: Encryption


class MailServer:
    """Listens between `start` and `stop`, in a thread of its own."""

    def __init__(self, doors: tuple[Door, ...], context: ssl.SSLContext, mailbox: Mailbox, password: str) -> None:
        self._doors = doors
        self._context = context
        self._mailbox = mailbox
        self._password = password
        self._conversations: WeakSet[SMTP] = WeakSet()
        self._servers: list[asyncio.Server] = []
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open every door. Raises OSError where a port is taken."""
        self._loop = asyncio.new_event_loop()
        try:
            for door in self._doors:
                self._servers.append(self._loop.run_until_complete(self._open(door)))
        except OSError:
            self._loop.run_until_complete(self._close())
            self._loop.close()
            raise
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-mail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the doors and cut what is going on. Does nothing where nothing was started."""
        if self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._thread = None

    def _open(self, door: Door) -> Coroutine[Any, Any, asyncio.Server]:
        is_tls = door.encryption is Encryption.TLS
        return self._loop.create_server(
            lambda: self._conversation(door),
            LOOPBACK,
            door.port,
            ssl=self._context if is_tls else None,
            # A reload lets two generations of the process overlap for a moment.
            reuse_port=True,
        )

    def _conversation(self, door: Door) -> SMTP:
        is_starttls = door.encryption is Encryption.STARTTLS
        host = _Host(door, self._mailbox, self._password)
        conversation = SMTP(
            host,
            hostname=_NAME,
            ident="Relaytree demo",
            loop=self._loop,
            data_size_limit=_LARGEST,
            enable_SMTPUTF8=True,
            tls_context=self._context if is_starttls else None,
            require_starttls=is_starttls,
            # aiosmtpd does not notice that a connection was encrypted from its first byte.
            auth_require_tls=door.encryption is not Encryption.TLS,
            authenticator=host.judge,
        )
        self._conversations.add(conversation)
        return conversation

    async def _close(self) -> None:
        while self._servers:
            self._servers.pop().close()
        for conversation in list(self._conversations):
            if conversation.transport is not None:
                cast("asyncio.WriteTransport", conversation.transport).abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


class _Host:
    """Decides what one connection may do. aiosmtpd finds the methods by their names."""

    def __init__(self, door: Door, mailbox: Mailbox, password: str) -> None:
        self._encryption = door.encryption
        self._mailbox = mailbox
        self._password = password.encode()

    def judge(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        """Take any user name with the one password."""
        is_right = isinstance(given, LoginPassword) and hmac.compare_digest(given.password, self._password)
        return AuthResult(success=is_right, handled=False, auth_data=given)

    async def handle_AUTH(self, server: SMTP, session: Session, _envelope: Envelope, words: list[str]) -> str | None:  # noqa: N802 - aiosmtpd's name
        # aiosmtpd's own way from here on sets a field that warns of its own deprecation.
        ask = server.auth_PLAIN if words[0] == "PLAIN" else server.auth_LOGIN
        result = await ask(server, words)
        if result.success:
            session.authenticated, session.auth_data = True, result.auth_data
            return "235 2.7.0 Signed in"
        return None if result.handled else "535 5.7.8 This user name and password are not taken"

    async def handle_MAIL(  # noqa: N802 - same
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._encryption is not Encryption.NONE and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - same
        given: LoginPassword | None = session.auth_data
        arrival = Arrival(
            sender=_printable(envelope.mail_from or ""),
            recipients=tuple(_printable(each) for each in envelope.rcpt_tos),
            encryption=self._encryption,
            username=given.login.decode("utf-8", "replace") if given else "",
        )
        try:
            letter_id = self._mailbox.store(arrival, envelope.original_content or b"")
        except OSError:
            return "452 4.3.1 The mailbox cannot be written"
        return f"250 2.0.0 Kept as {letter_id}"


def _printable(address: str) -> str:
    """An address may hold bytes that are no UTF-8, which aiosmtpd carries along as lone surrogates."""
    return address.encode("utf-8", "replace").decode()
