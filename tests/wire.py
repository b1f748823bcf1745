"""Opens sessions with a scripted server on loopback, as Rex's portal would with a server out there."""

import ipaddress
import socket
from dataclasses import replace

from portal.domain.mail_config import Destination, Encryption, Mechanism, Server, SignIn, Trust
from portal.domain.secret import Secret
from portal.mail.connection import Deadlines, Envelope, WireError, open_session
from portal.mail.egress import Egress
from tests.certificates import HOST

USERNAME, PASSWORD = "rex@demo.test", "correct-horse-päss"
CONTENT = b"Subject: hello\r\n\r\nHello Sue\r\n"
QUICK = Deadlines(connect=2, greeting=2, command=2, data_block=2, final_dot=2, session=6)
IMPATIENT = Deadlines(connect=0.5, greeting=0.5, command=0.5, data_block=0.5, final_dot=0.5, session=3)


def loopback(port, *answers):
    """A policy that allows loopback, and a resolver for which every name is there."""

    def resolve(_name, number, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, number)) for answer in answers or ("127.0.0.1",)]

    return Egress((ipaddress.ip_network("127.0.0.0/8"),), frozenset({port}), resolve)


def server_at(port, encryption=Encryption.NONE, *, trust=None, sign_in=SignIn.PASSWORD, cleartext=False, **changes):
    fields = {"host": HOST, "username": USERNAME, "mechanism": Mechanism.AUTO, "trust": trust or Trust(), **changes}
    return Server(Destination(port=port, encryption=encryption, **fields), sign_in, "portal.example.test", cleartext)


def anonymous(server):
    return replace(server, sign_in=SignIn.NONE)


def to(*recipients, sender="rex@demo.test", size=None):
    return Envelope(sender, recipients or ("sue@demo.test",), len(CONTENT) if size is None else size)


def opened(server, *, password=PASSWORD, deadlines=QUICK, observe=None, **options):
    """A session with whoever listens at the server's port on loopback."""
    return open_session(
        server,
        Secret(password) if server.sign_in is SignIn.PASSWORD else None,
        egress=loopback(server.destination.port),
        deadlines=deadlines,
        observe=observe or (lambda _finding: None),
        **options,
    )


def delivered(server, *, envelope=None, content=CONTENT, **options):
    """Deliver one mail from beginning to end; the server's words, or the reception's code if nobody was accepted."""
    with opened(server, **options) as session:
        receptions = session.offer(envelope or to())
        if not any(reception.code == "ok" for reception in receptions):
            raise RefusedError(receptions)
        session.stream(content)
        return session.finish(), session


class RefusedError(Exception):
    """Every recipient was refused."""

    def __init__(self, receptions):
        super().__init__(receptions)
        self.code = receptions[0].code
        self.reply = receptions[0].reply


def outcome_of(server, **options):
    """The code with which a delivery ends, and the error if there was one."""
    try:
        delivered(server, **options)
    except (WireError, RefusedError) as error:
        return error.code, error
    return "ok", None
