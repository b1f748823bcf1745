"""Knows how each contender sends mails, message building included: ours as shipped, and the peers as their users do."""

import asyncio
import itertools
import json
import os
import resource
import shutil
import smtplib
import ssl
import subprocess
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

from benchmarks.mail import letters
from benchmarks.mail.stage import PASSWORD, USER, Place
from benchmarks.rounds import Measure, MissingError, Sample
from portal.domain.mail_config import Destination, Encryption, Server, SignIn, Trust, TrustKind
from portal.domain.secret import Secret
from portal.mail.connection import DELIVERY, Envelope, Session, open_session
from portal.mail.egress import Egress
from portal.mail.message import Written

HOST = "127.0.0.1"
NODE = Path(__file__).resolve().parent.parent
_numbers = itertools.count()


def timed(count: int, send: Callable[[int], object]) -> Sample:
    wall, cpu = time.perf_counter(), time.process_time()
    send(count)
    return Sample((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count)


def contenders(place: Place, size: str, count: int, *, fresh: bool = False) -> dict[str, Measure]:
    """Everybody who can send there; with `fresh` a connection of its own for each mail."""

    def text() -> tuple[int, str]:
        number = next(_numbers)
        return number, letters.text_of(number, size)

    def measure(send: Callable[[int], object]) -> Measure:
        return lambda: timed(count, send)

    if fresh:
        return {
            "Django send_mail": measure(_django(place, text, one_by_one=True)),
            "Flask-Mailman, per message": measure(_flask_mailman(place, text, one_by_one=True)),
            "smtplib, per message": measure(_smtplib(place, text, one_by_one=True)),
            "ours, per message": measure(_ours(place, text, one_by_one=True)),
        }
    sustained = {
        "ours": measure(_ours(place, text)),
        "smtplib, per message": measure(_smtplib(place, text, one_by_one=True)),
        "smtplib, reused": measure(_smtplib(place, text)),
        "Flask-Mail, connect()": measure(_flask_mail(place, text)),
        "Flask-Mailman, one connection": measure(_flask_mailman(place, text)),
        "Django send_messages": measure(_django(place, text)),
        "aiosmtplib, reused": measure(_aiosmtplib(place, text)),
        "nodemailer, pooled": lambda: _nodemailer(place, size, count),
    }
    return sustained if place.encrypts else {"smtp-source -s 1": lambda: _smtp_source(place, size, count), **sustained}


Text = Callable[[], tuple[int, str]]


def _ours(place: Place, text: Text, *, one_by_one: bool = False) -> Callable[[int], None]:
    trust = Trust(TrustKind.PRIVATE_CA, place.authority) if place.encrypts else Trust()
    encryption = Encryption.TLS if place.encrypts else Encryption.NONE
    destination = Destination(HOST, place.port, encryption, USER if place.encrypts else "", trust=trust)
    server = Server(destination, SignIn.PASSWORD if place.encrypts else SignIn.NONE, "portal.example.test")
    egress = Egress((ip_network("127.0.0.0/8"),), frozenset({place.port}))
    password = Secret(PASSWORD) if place.encrypts else None
    found: list[object] = []

    def opened() -> Session:
        return open_session(server, password, egress=egress, deadlines=DELIVERY, observe=found.append)

    def mail() -> tuple[Envelope, Written]:
        written = letters.ours(*text())
        return Envelope(letters.SENDER, (letters.RECIPIENT,), len(written.content)), written

    def each_alone(count: int) -> None:
        for _ in range(count):
            envelope, written = mail()
            with opened() as session:
                session.offer(envelope)
                session.stream(written)
                session.finish()

    def in_a_run(count: int) -> None:
        """As `portal.services.delivering` does it: the next mail is made while the server reads the last one."""
        with opened() as session:
            envelope, written = mail()
            for left in range(count - 1, -1, -1):
                found.clear()
                session.renew(found.append)
                session.offer(envelope)
                session.stream(written)
                following, written = mail() if left else (None, written)
                session.finish(following)
                envelope = following or envelope

    return each_alone if one_by_one else in_a_run


def _context(place: Place) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=place.authorities)


def _smtplib(place: Place, text: Text, *, one_by_one: bool = False) -> Callable[[int], None]:
    context = _context(place) if place.encrypts else None

    def opened() -> smtplib.SMTP:
        if context is None:
            return smtplib.SMTP(HOST, place.port)
        client = smtplib.SMTP_SSL(HOST, place.port, context=context)
        client.login(USER, PASSWORD)
        return client

    def send(count: int) -> None:
        if one_by_one:
            for _ in range(count):
                with opened() as client:
                    client.send_message(letters.theirs(*text()))
            return
        with opened() as client:
            for _ in range(count):
                client.send_message(letters.theirs(*text()))

    return send


def _flask(place: Place) -> object:
    from flask import Flask

    app = Flask("benchmark")
    app.config.update(MAIL_SERVER=HOST, MAIL_PORT=place.port, MAIL_USE_SSL=place.encrypts, MAIL_SUPPRESS_SEND=False)
    app.config.update(
        MAIL_USERNAME=USER if place.encrypts else None, MAIL_PASSWORD=PASSWORD if place.encrypts else None
    )
    app.config.update(MAIL_DEFAULT_SENDER=letters.SENDER, MAIL_BACKEND="smtp")
    return app


def _missing(error: ImportError) -> Callable[[int], None]:
    def send(_count: int) -> None:
        raise MissingError(f"{error.name} is not installed")

    return send


def _flask_mail(place: Place, text: Text) -> Callable[[int], None]:
    try:
        from flask_mail import Mail, Message
    except ImportError as error:
        return _missing(error)
    app = _flask(place)
    mail = Mail(app)

    def send(count: int) -> None:
        with app.app_context(), mail.connect() as connection:
            for _ in range(count):
                number, body = text()
                connection.send(
                    Message(
                        "Your invoice of March",
                        [letters.RECIPIENT],
                        body,
                        sender=(letters.SENDER_NAME, letters.SENDER),
                        extra_headers={"X-Number": str(number)},
                    )
                )

    return send


def _flask_mailman(place: Place, text: Text, *, one_by_one: bool = False) -> Callable[[int], None]:
    try:
        from flask_mailman import EmailMessage, Mail
    except ImportError as error:
        return _missing(error)
    app = _flask(place)
    mail = Mail(app)

    def message() -> object:
        return EmailMessage("Your invoice of March", text()[1], letters.SENDER, [letters.RECIPIENT])

    def send(count: int) -> None:
        with app.app_context():
            if one_by_one:
                for _ in range(count):
                    message().send()
                return
            mail.get_connection().send_messages([message() for _ in range(count)])

    return send


def _django(place: Place, text: Text, *, one_by_one: bool = False) -> Callable[[int], None]:
    try:
        from django.conf import settings
        from django.core import mail
    except ImportError as error:
        return _missing(error)
    if not settings.configured:
        settings.configure()

    def backend() -> object:
        return mail.get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=HOST,
            port=place.port,
            use_ssl=place.encrypts,
            username=USER if place.encrypts else "",
            password=PASSWORD if place.encrypts else "",
        )

    def send(count: int) -> None:
        if one_by_one:
            for _ in range(count):
                mail.send_mail(
                    "Your invoice of March", text()[1], letters.SENDER, [letters.RECIPIENT], connection=backend()
                )
            return
        messages = [
            mail.EmailMessage("Your invoice of March", text()[1], letters.SENDER, [letters.RECIPIENT])
            for _ in range(count)
        ]
        backend().send_messages(messages)

    return send


def _aiosmtplib(place: Place, text: Text) -> Callable[[int], None]:
    try:
        from aiosmtplib import SMTP
    except ImportError as error:
        return _missing(error)
    context = _context(place) if place.encrypts else None

    async def all_of(count: int) -> None:
        credentials = {"username": USER, "password": PASSWORD} if place.encrypts else {}
        async with SMTP(
            hostname=HOST, port=place.port, use_tls=place.encrypts, tls_context=context, start_tls=False, **credentials
        ) as client:
            for _ in range(count):
                await client.send_message(letters.theirs(*text()))

    return lambda count: asyncio.run(all_of(count))


def _nodemailer(place: Place, size: str, count: int) -> Sample:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "nodemailer").exists():
        raise MissingError("node or nodemailer is not installed")
    order = {
        "port": place.port,
        "secure": place.encrypts,
        "count": count,
        "text": letters.text_of(0, size),
        "user": USER,
        "password": PASSWORD,
        "from": letters.SENDER,
        "to": letters.RECIPIENT,
    }
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": place.authorities} if place.encrypts else dict(os.environ)
    told = subprocess.run(
        [node, NODE / "mail" / "nodemailer.mjs"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    found = json.loads(told.stdout)
    return Sample(found["wall"] / count, found["cpu"] / count)


def _smtp_source(place: Place, size: str, count: int) -> Sample:
    source = shutil.which("smtp-source", path=f"{os.environ['PATH']}:/usr/sbin")
    if source is None:
        raise MissingError("Postfix's smtp-source is not installed")
    length = len(letters.ours(0, letters.text_of(0, size)).content)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    command = [
        source,
        "-s",
        "1",
        "-d",
        "-m",
        str(count),
        "-l",
        str(length),
        "-f",
        letters.SENDER,
        "-t",
        letters.RECIPIENT,
        f"{HOST}:{place.port}",
    ]
    subprocess.run(command, check=True)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(wall / count, cpu / count)
