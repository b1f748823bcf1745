r"""The wire: how a mail is written, and how it is handed to a server that belongs to somebody else.

What is here needs no web framework and no database, only `portal.domain`, whose values are its vocabulary. It was made
for servers that users type in: some are broken, some are hostile, and all of them are told as little as possible.

A mail from beginning to end::

    from datetime import UTC, datetime

    from portal.domain.mail_config import Destination, Encryption, MisfitPolicy, Server, SignIn
    from portal.domain.outgoing import Mailbox, Outgoing
    from portal.domain.secret import Secret
    from portal.mail.connection import DELIVERY, Envelope, WireError, open_session
    from portal.mail.egress import Egress
    from portal.mail.message import Heading, write

    pia, sue = Mailbox("pia@example.com", "Pia"), Mailbox("sue@example.net", "Sue")
    written = write(
        Outgoing(subject="Příliš žluťoučký kůň", text="Good morning\n", html="<p>Good morning</p>"),
        Heading(
            sender=pia, recipients=(sue,), reply_to=None, message_id="<2d9a@example.com>",
            date=datetime.now(UTC), charset="iso-8859-2", misfit=MisfitPolicy.UTF8,
        ),
    )
    server = Server(
        Destination("mail.example.com", 465, Encryption.TLS, username="pia@example.com"),
        SignIn.PASSWORD,
        helo_name="portal.example.com",
    )
    try:
        with open_session(server, Secret("open sesame"), egress=Egress(), deadlines=DELIVERY) as session:
            receptions = session.offer(Envelope(pia.address, (sue.address,), len(written.content)))
            if any(reception.code == "ok" for reception in receptions):
                session.stream(written)  # everything but the final dot: nothing can be delivered yet
                outcome = session.finish()  # the dot, and the server's words of acceptance
            else:
                outcome = receptions[0].reply
    except WireError as error:
        outcome = f"{error.step}: {error.code}"

**Writing** (`message.write`). The same input gives the same bytes: CRLF only, no line over 998 octets (78 where it can
be), encoded words of at most 75 (RFC 2047 §2), no line that starts with a dot. Text is written in the charset that the
heading names, one of `portal.domain.charset.CODECS`; a piece that does not fit goes out as UTF-8 and is told in
`Written.notes`, or, with `MisfitPolicy.STRICT`, raises `DoesNotFitError`. What could break a header raises
`UnwritableError`; nothing is ever cut or replaced. Before `write` returns, the finished bytes are read back by a reader
that shares no code with the writer, and compared with what was asked for.

**Egress** (`egress.Egress`). The one place where names are resolved and sockets are opened. A name is resolved once,
every answer is judged by one table, and the address that was judged is the one that is connected to. Without
exceptions only public addresses and the ports 25, 465, 587 and 2525 can be reached; a forbidden name and one that does
not exist look alike.

**Opening** (`connection.open_session`). Resolve, connect, greet, encrypt, sign in, each step told to `observe` as a
`Finding`. Encryption is required or it is not wanted, nothing in between. A certificate is checked against the system's
authorities, against one authority of one's own, or against one key (`Trust`). Credentials are sent to a verified peer
only, once, by the strongest mechanism in common (SCRAM-SHA-256, PLAIN, LOGIN); in clear only with consent.

**Sending** (`connection.Session`). Mails go one after the other: `offer`, `stream`, `finish`, or `reset`. Between
`stream` and `finish` the caller may write down that the dot is about to be sent: whatever happens before it is
certainly not delivered, and what happens after it, short of a clear answer, is `Code.UNKNOWN`, never a guess. Where the
server takes commands in groups (RFC 2920), `finish(following)` takes the next envelope along: one round trip a mail.
`Pool` keeps signed-in connections for the next mail; a session is used by one thread at a time.

**Failing.** `WireError` is the one exception of a session, whatever the peer does: its `code` is one of
`portal.domain.diagnosis.Code`, its `step` says where, and its `reply` is the server's text, shortened, printable and
without any spelling of the credentials. `ValueError` is a mistake of the caller, raised before anything is sent.
Deadlines hold for every step and for the session as a whole; a line, a reply, and what a session keeps are limited.
`transcript` is what was said, redacted when it was recorded.

**Inside.** The conversation (`conversation`, `authentication`, `exchange`, `scram`) is sans I/O: generators that yield
commands and are sent replies. `dialogue` and `channel` put it on a socket with its deadlines, `replies` and
`extensions` read what servers say, `redaction` keeps the transcript clean.
"""
