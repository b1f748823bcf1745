"""Knows what is said to a mail server and what its answers mean. It has no socket and no clock."""

import secrets
from collections import deque

from portal.domain.addresses import needs_smtputf8
from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Encryption, Mechanism, Server, SignIn
from portal.domain.secret import Secret
from portal.mail.authentication import Nonce, SignInRules
from portal.mail.exchange import LISTEN, Command, Envelope, Exchange, Reception, WireError, command, group
from portal.mail.extensions import Extensions, word
from portal.mail.redaction import Redactor
from portal.mail.replies import Reply

# The fact of a failure that asks for mails to be offered one by one.
ONE_BY_ONE = "one-by-one"


class Conversation:
    """The client's side of one SMTP session, one method per exchange, in the order of RFC 5321 §4.1.4.

    Where the server offers PIPELINING (RFC 2920), `mail` writes the whole envelope and DATA at once, and `dot` the
    next envelope along with it; the methods for what was written ahead then only listen. `nonce` gives something
    random for each sign-in: printable ASCII without commas.

    Raises ValueError for credentials with control characters, or a password sign-in without a password.
    """

    def __init__(
        self, server: Server, password: Secret | None, *, redactor: Redactor, nonce: Nonce = secrets.token_urlsafe
    ) -> None:
        self._server = server
        self._redactor = redactor
        self._rules = _rules_for(server, password, redactor, nonce)
        self._extensions = Extensions()
        self._encrypted = False
        self._utf8 = False
        self._ahead: deque[Command] = deque()  # written ahead of their turn, not yet answered
        self._inside_content = False

    @property
    def takes_8bit(self) -> bool:
        """Whether the content of the mail on offer may hold octets over 127."""
        return self._utf8

    @property
    def is_inside_content(self) -> bool:
        """Whether the server takes whatever comes next for content: only the dot or the end of it all gets out."""
        return self._inside_content

    @property
    def is_in_step(self) -> bool:
        """Whether a new command may be said: nothing is unanswered and the server does not wait for content."""
        return not (self._ahead or self._inside_content)

    def greeting(self) -> Exchange[str]:
        reply = yield LISTEN
        if reply.kind in {4, 5}:
            raise self._refused(Code.BUSY if reply.kind == 4 else Code.SERVER_REFUSED, Step.GREET, reply)
        if reply.code != 220:
            raise WireError(Code.NOT_SMTP, Step.GREET)
        return self._redactor.told(reply)

    def hello(self, step: Step) -> Exchange[None]:
        """Introduce ourselves and learn what the server can do. HELO, which knows no encryption, only in mode none."""
        encryption = self._server.destination.encryption
        reply = yield command(f"EHLO {word(self._server.helo_name)}")
        knows_ehlo = reply.kind != 5
        if not knows_ehlo and encryption is Encryption.NONE:
            reply = yield command(f"HELO {word(self._server.helo_name)}")
        if not knows_ehlo and encryption is Encryption.STARTTLS and not self._encrypted:
            raise self._refused(Code.TLS_MISSING, step, reply)
        if reply.code != 250:
            raise self._refused(_general(reply), step, reply)
        self._extensions = Extensions.told_by(reply) if knows_ehlo else Extensions()

    def start_tls(self) -> Exchange[None]:
        """Ask to encrypt. Whatever is not a clear yes means that nothing further is said in clear."""
        if "STARTTLS" not in self._extensions:
            raise WireError(Code.TLS_MISSING, Step.ENCRYPT, fact="starttls-not-offered")
        reply = yield command("STARTTLS")
        if reply.code != 220:
            raise self._refused(Code.TLS_MISSING, Step.ENCRYPT, reply)

    def secured(self) -> None:
        """The connection is encrypted from here on; what was learnt before counts no more (RFC 3207 §4.2)."""
        self._encrypted = True
        self._extensions = Extensions()

    def sign_in(self) -> Exchange[Mechanism | None]:
        """Sign in; None when the server does not ask for it, and then no credential was sent."""
        if self._rules is None or "AUTH" not in self._extensions:
            return None
        if not (self._encrypted or self._server.cleartext_sign_in):
            raise WireError(Code.AUTH_CLEARTEXT, Step.SIGN_IN)
        return (yield from self._rules.sign_in(self._extensions.mechanisms, self._server.destination.mechanism))

    def mail(self, envelope: Envelope, *, delivers: bool = True) -> Exchange[str]:
        """Open a transaction. `envelope.size` is compared with the server's limit before anything is said.

        Without `delivers` DATA is not written ahead: the mail is only asked about.
        """
        was_announced = bool(self._ahead)
        if was_announced:
            reply = yield self._turn()
        else:
            self._extensions.ensure_fits(envelope)
            first, *rest = self._commands(envelope, delivers=delivers)
            self._ahead.extend(rest if "PIPELINING" in self._extensions else ())
            reply = yield group((first, *self._ahead))
        self._utf8 = self._extensions.takes_8bit(envelope)
        if reply.kind == 2:
            return self._redactor.told(reply)
        if was_announced and reply.code == 503:
            # Some servers take groups, but nothing behind the dot: that says nothing about this mail.
            raise self._refused(Code.UNEXPECTED, Step.SENDER, reply, fact=ONE_BY_ONE)
        raise self._refused(self._meaning_at_mail(reply), Step.SENDER, reply, fact=self._demand_in(reply))

    def recipients(self, envelope: Envelope) -> Exchange[tuple[Reception, ...]]:
        receptions = []
        for recipient in envelope.recipients:
            receptions.append((yield from self._recipient(recipient, envelope)))  # noqa: PERF401 - a comprehension cannot yield
        return tuple(receptions)

    def data(self) -> Exchange[None]:
        reply = yield self._turn() if self._ahead else command("DATA")
        if reply.code != 354:
            raise self._refused(_departing(reply, otherwise=Code.UNEXPECTED), Step.CONTENT, reply)
        self._inside_content = True

    def withdraw(self) -> Exchange[bool]:
        """Hear the answers to what was written ahead of a mail that goes no further.

        Tells whether the server wants content all the same: it gets none, and it is only left to hang up.
        """
        while self._ahead:
            was_data = len(self._ahead) == 1 and self._ahead[0].shown == "DATA"
            reply = yield self._turn()
            self._inside_content = was_data and reply.code == 354
        return self._inside_content

    def dot(self, following: Envelope | None = None) -> Exchange[str]:
        """End the content. From here on only a clear answer tells what became of the mail.

        The envelope of the `following` mail is written along where that is possible (RFC 2920 §3.1: content may be
        followed by the next MAIL); `mail`, `recipients` and `data` then only hear the answers to it.
        """
        self._ahead.extend(self._commands_ahead(following))
        reply = yield group((command("."), *self._ahead))
        self._inside_content = False
        match reply.kind:
            case 2:
                return self._redactor.told(reply)
            case 4:
                raise self._refused(Code.BUSY, Step.ACCEPT, reply)
            case 5:
                code = Code.TOO_LARGE if _says_too_large(reply) else Code.CONTENT_REJECTED
                raise self._refused(code, Step.ACCEPT, reply)
            case _:
                raise self._refused(Code.UNKNOWN, Step.ACCEPT, reply)

    def reset(self) -> Exchange[None]:
        reply = yield command("RSET")
        if reply.kind != 2:
            raise self._refused(_departing(reply, otherwise=Code.UNEXPECTED), Step.RECIPIENT, reply)

    def quit(self) -> Exchange[None]:
        """Say goodbye, except where it would be taken for content."""
        if not (yield from self.withdraw()):
            yield command("QUIT")

    def _turn(self) -> Command:
        return Command(b"", self._ahead.popleft().shown)

    def _commands(self, envelope: Envelope, *, delivers: bool) -> list[Command]:
        commands = self._extensions.commands(envelope)
        return [*commands, command("DATA")] if delivers and len(commands) > 1 else commands

    def _commands_ahead(self, following: Envelope | None) -> list[Command]:
        if following is None or "PIPELINING" not in self._extensions:
            return []
        try:
            self._extensions.ensure_fits(following)
        except WireError:
            return []  # it will be refused in its turn
        return self._commands(following, delivers=True)

    def _meaning_at_mail(self, reply: Reply) -> Code:
        if reply.code == 530:
            return Code.SERVER_REFUSED if self._demand_in(reply) == "encryption-required" else Code.AUTH_REJECTED
        if _says_too_large(reply):
            return Code.TOO_LARGE
        return Code.SENDER_REJECTED if reply.kind == 5 else _general(reply)

    def _demand_in(self, reply: Reply) -> str:
        """530 asks for something first: encryption (RFC 3207 §4) or a sign-in (RFC 4954 §6)."""
        if reply.code != 530:
            return ""
        wants_tls = not self._encrypted and any("STARTTLS" in line.upper() for line in reply.lines)
        return "encryption-required" if wants_tls else "sign-in-required"

    def _recipient(self, recipient: str, envelope: Envelope) -> Exchange[Reception]:
        if needs_smtputf8(recipient) and not self._utf8:
            return Reception(recipient, Code.NEEDS_SMTPUTF8, "")
        reply = yield self._turn() if self._ahead else self._extensions.recipient(recipient, envelope)
        match reply.code:
            case 421:
                raise self._refused(Code.BUSY, Step.RECIPIENT, reply)
            case 552:
                code = Code.RECIPIENT_TEMPORARY  # RFC 5321 §4.5.3.1.10: an old way to say 452
            case _:
                code = _AT_RECIPIENT.get(reply.kind, Code.UNEXPECTED)
        if code is Code.UNEXPECTED:
            raise self._refused(code, Step.RECIPIENT, reply)
        return Reception(recipient, code, self._redactor.told(reply))

    def _refused(self, code: Code, step: Step, reply: Reply, *, fact: str = "") -> WireError:
        return WireError(code, step, reply=self._redactor.told(reply), fact=fact)


# 251 and 252 are fine: forwarded, or accepted without a check (RFC 5321 §4.2.3).
_AT_RECIPIENT = {2: Code.OK, 4: Code.RECIPIENT_TEMPORARY, 5: Code.RECIPIENT_REJECTED}


def _rules_for(server: Server, password: Secret | None, redactor: Redactor, nonce: Nonce) -> SignInRules | None:
    if server.sign_in is SignIn.NONE:
        return None
    if password is None:
        raise ValueError("a sign-in with password needs one")
    return SignInRules(server.destination.username, password, told=redactor.told, nonce=nonce)


def _general(reply: Reply) -> Code:
    return {4: Code.BUSY, 5: Code.SERVER_REFUSED}.get(reply.kind, Code.UNEXPECTED)


def _departing(reply: Reply, *, otherwise: Code) -> Code:
    """421 can come at any time: the server is closing (RFC 5321 §3.8)."""
    return Code.BUSY if reply.code == 421 else otherwise


def _says_too_large(reply: Reply) -> bool:
    """RFC 1870 §6.1 and RFC 3463: too big for the system or the mailbox, as against a full mailbox (5.2.2)."""
    return reply.enhanced in {"5.3.4", "5.2.3"} or (reply.code == 552 and reply.enhanced != "5.2.2")
