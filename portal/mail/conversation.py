"""Knows what is said to a mail server and what its answers mean. It has no socket and no clock."""

from collections.abc import Mapping

from portal.domain.addresses import needs_smtputf8
from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Encryption, Mechanism, Server, SignIn
from portal.domain.secret import Secret
from portal.mail.authentication import SignInRules
from portal.mail.exchange import LISTEN, Envelope, Exchange, Reception, WireError, command
from portal.mail.redaction import Redactor
from portal.mail.replies import Reply


class Conversation:
    """The client's side of one SMTP session, one method per exchange, in the order of RFC 5321 §4.1.4.

    Raises ValueError for credentials with control characters, or a password sign-in without a password.
    """

    def __init__(self, server: Server, password: Secret | None, *, redactor: Redactor) -> None:
        self._server = server
        self._redactor = redactor
        self._rules = _rules_for(server, password, redactor)
        self._extensions: Mapping[str, str] = {}
        self._encrypted = False
        self._utf8 = False

    @property
    def takes_8bit(self) -> bool:
        """Whether the content of the mail on offer may hold octets over 127."""
        return self._utf8

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
        reply = yield command(f"EHLO {_word(self._server.helo_name)}")
        knows_ehlo = reply.kind != 5
        if not knows_ehlo and encryption is Encryption.NONE:
            reply = yield command(f"HELO {_word(self._server.helo_name)}")
        if not knows_ehlo and encryption is Encryption.STARTTLS and not self._encrypted:
            raise self._refused(Code.TLS_MISSING, step, reply)
        if reply.code != 250:
            raise self._refused(_general(reply), step, reply)
        self._extensions = _extensions_in(reply) if knows_ehlo else {}

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
        self._extensions = {}

    def sign_in(self) -> Exchange[Mechanism | None]:
        """Sign in; None when the server does not ask for it, and then no credential was sent."""
        if self._rules is None or "AUTH" not in self._extensions:
            return None
        if not (self._encrypted or self._server.cleartext_sign_in):
            raise WireError(Code.AUTH_CLEARTEXT, Step.SIGN_IN)
        offered = frozenset(self._extensions["AUTH"].upper().split())
        return (yield from self._rules.sign_in(offered, self._server.destination.mechanism))

    def mail(self, envelope: Envelope) -> Exchange[str]:
        """Open a transaction. `envelope.size` is compared with the server's limit before anything is said."""
        self._ensure_fits(envelope)
        reply = yield command(self._mail_line(envelope), utf8=self._utf8)
        if reply.kind == 2:
            return self._redactor.told(reply)
        raise self._refused(self._meaning_at_mail(reply), Step.SENDER, reply, fact=self._demand_in(reply))

    def recipients(self, envelope: Envelope) -> Exchange[tuple[Reception, ...]]:
        receptions = []
        for recipient in envelope.recipients:
            receptions.append((yield from self._recipient(recipient)))  # noqa: PERF401 - a comprehension cannot yield
        return tuple(receptions)

    def data(self) -> Exchange[None]:
        reply = yield command("DATA")
        if reply.code != 354:
            raise self._refused(_departing(reply, otherwise=Code.UNEXPECTED), Step.CONTENT, reply)

    def dot(self) -> Exchange[str]:
        """End the content. From here on only a clear answer tells what became of the mail."""
        reply = yield command(".")
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
        yield command("QUIT")

    def _ensure_fits(self, envelope: Envelope) -> None:
        """Compare what the mail needs with what the server offers (RFC 1870, RFC 6531), before a word of it is said."""
        _ensure_plain(envelope)
        limit = self._extensions.get("SIZE", "")
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:20]) < envelope.size:
            values = {"size": str(envelope.size), "limit": str(int(limit[:20]))}
            raise WireError(Code.TOO_LARGE, Step.SENDER, fact="size-limit", values=values)
        needed = any(map(needs_smtputf8, (envelope.sender, *envelope.recipients)))
        self._utf8 = needed and {"SMTPUTF8", "8BITMIME"} <= self._extensions.keys()
        if needs_smtputf8(envelope.sender) and not self._utf8:
            raise WireError(Code.NEEDS_SMTPUTF8, Step.SENDER)

    def _mail_line(self, envelope: Envelope) -> str:
        size = f" SIZE={envelope.size}" if "SIZE" in self._extensions else ""
        wide = " BODY=8BITMIME SMTPUTF8" if self._utf8 else ""
        return f"MAIL FROM:<{_word(envelope.sender)}>{size}{wide}"

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

    def _recipient(self, recipient: str) -> Exchange[Reception]:
        if needs_smtputf8(recipient) and not self._utf8:
            return Reception(recipient, Code.NEEDS_SMTPUTF8, "")
        reply = yield command(f"RCPT TO:<{_word(recipient)}>", utf8=self._utf8)
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


def _rules_for(server: Server, password: Secret | None, redactor: Redactor) -> SignInRules | None:
    if server.sign_in is SignIn.NONE:
        return None
    if password is None:
        raise ValueError("a sign-in with password needs one")
    return SignInRules(server.destination.username, password, told=redactor.told)


def _extensions_in(reply: Reply) -> Mapping[str, str]:
    """EHLO's answer as keyword → parameters (RFC 5321 §4.1.1.1); `AUTH=LOGIN` is an old spelling of `AUTH LOGIN`."""
    extensions: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.strip().replace("AUTH=", "AUTH ", 1).partition(" ")
        extensions[keyword.upper()] = f"{extensions.get(keyword.upper(), '')} {parameters}".strip()
    return extensions


def _general(reply: Reply) -> Code:
    return {4: Code.BUSY, 5: Code.SERVER_REFUSED}.get(reply.kind, Code.UNEXPECTED)


def _departing(reply: Reply, *, otherwise: Code) -> Code:
    """421 can come at any time: the server is closing (RFC 5321 §3.8)."""
    return Code.BUSY if reply.code == 421 else otherwise


def _says_too_large(reply: Reply) -> bool:
    """RFC 1870 §6.1 and RFC 3463: too big for the system or the mailbox, as against a full mailbox (5.2.2)."""
    return reply.enhanced in {"5.3.4", "5.2.3"} or (reply.code == 552 and reply.enhanced != "5.2.2")


def _ensure_plain(envelope: Envelope) -> None:
    if not envelope.recipients:
        raise ValueError("a mail needs a recipient")
    for address in (envelope.sender, *envelope.recipients):
        command(f"RCPT TO:<{_word(address)}>", utf8=True)


def _word(text: str) -> str:
    """A name or address that stays one argument of one command. Raises ValueError."""
    if any(character.isspace() or character in '<>"' for character in text):
        raise ValueError("not one plain address or name")
    return text
