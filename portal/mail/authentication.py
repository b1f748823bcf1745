"""Knows how to sign in (RFC 4954): which mechanism, what is said, and what the answer means."""

import base64
import unicodedata
from collections.abc import Callable, Collection

from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Mechanism
from portal.domain.secret import Secret
from portal.mail.exchange import LONGEST_AUTH_LINE, Exchange, WireError, command, hidden_command
from portal.mail.redaction import HIDDEN, shortened
from portal.mail.replies import Reply
from portal.mail.scram import Scram, ScramError

_STRONGEST_FIRST = (Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN)
Nonce = Callable[[], str]
# RFC 4954 §6: only these two say that another mechanism might do. Any other answer ends the attempt, because
# accounts get locked.
_TRY_ANOTHER = frozenset({504, 534})


class SignInRules:
    """One attempt to sign in with one user name and password."""

    def __init__(self, username: str, password: Secret, *, told: Callable[[Reply], str], nonce: Nonce) -> None:
        _ensure_sendable(username)
        _ensure_sendable(password.reveal())
        self._username = username
        self._password = password
        if len(self._plain_response()) + 2 > LONGEST_AUTH_LINE:
            raise ValueError("credentials are too long")
        self._told = told
        self._nonce = nonce

    def sign_in(self, offered: Collection[str], wanted: Mechanism) -> Exchange[Mechanism]:
        """Sign in with the strongest mechanism in common; the result names it.

        Raises WireError: AUTH_UNSUPPORTED, AUTH_REJECTED, AUTH_TEMPORARY or UNEXPECTED.
        """
        usable = [each for each in _candidates(wanted) if each.value.upper() in offered and self._suits(each)]
        if not usable:
            raise _unsupported(offered)
        for mechanism in usable:
            reply = yield from self._attempt(mechanism)
            if reply.code == 235:
                return mechanism
            if reply.code not in _TRY_ANOTHER:
                break
        raise WireError(_meaning_of(reply), Step.SIGN_IN, reply=self._told(reply))

    def _suits(self, mechanism: Mechanism) -> bool:
        """SCRAM knows only passwords that look the same however they are typed (RFC 4013)."""
        if mechanism is not Mechanism.SCRAM_SHA_256:
            return True
        try:
            Scram(self._username, self._password.reveal(), nonce="")
        except ValueError:
            return False
        return True

    def _attempt(self, mechanism: Mechanism) -> Exchange[Reply]:
        """One AUTH command and its challenges; a challenge too many is cancelled."""
        match mechanism:
            case Mechanism.SCRAM_SHA_256:
                reply = yield from self._scram()
            case Mechanism.PLAIN:
                reply = yield from self._plain()
            case _:
                reply = yield from self._login()
        if reply.kind == 3:
            yield command("*")
        return reply

    def _scram(self) -> Exchange[Reply]:
        """Prove the password without telling it; believe no success of a server that does not prove it in turn."""
        scram = Scram(self._username, self._password.reveal(), nonce=self._nonce())
        reply = yield hidden_command(
            f"AUTH SCRAM-SHA-256 {_encoded(scram.first())}", shown=f"AUTH SCRAM-SHA-256 {HIDDEN}"
        )
        try:
            if reply.code != 334:
                return _without_proof(reply)
            reply = yield hidden_command(_encoded(scram.final(_challenge(reply))), shown=HIDDEN)
            if reply.code != 334:
                return _without_proof(reply)
            scram.check(_challenge(reply))
        except ScramError:
            if reply.kind == 3:
                yield command("*")
            raise WireError(Code.UNEXPECTED, Step.SIGN_IN, fact="server-not-proven") from None
        return (yield hidden_command("", shown="(empty)"))

    def _plain(self) -> Exchange[Reply]:
        response = self._plain_response()
        if len(f"AUTH PLAIN {response}\r\n") <= LONGEST_AUTH_LINE:
            return (yield hidden_command(f"AUTH PLAIN {response}", shown=f"AUTH PLAIN {HIDDEN}"))
        return (yield from _answering("AUTH PLAIN", response))

    def _plain_response(self) -> str:
        return _encoded(f"\0{self._username}\0{self._password.reveal()}")

    def _login(self) -> Exchange[Reply]:
        return (yield from _answering("AUTH LOGIN", _encoded(self._username), _encoded(self._password.reveal())))


def _answering(opening: str, *responses: str) -> Exchange[Reply]:
    """Open an AUTH command and answer its challenges one by one."""
    reply = yield command(opening)
    for response in responses:
        if reply.code != 334:
            break
        reply = yield hidden_command(response, shown=HIDDEN)
    return reply


def _without_proof(reply: Reply) -> Reply:
    """A refusal needs no proof, a success does. Raises ScramError."""
    if reply.kind in {2, 3}:
        raise ScramError("a success without a proof")
    return reply


def _challenge(reply: Reply) -> str:
    """Raises ScramError for what is not base64 of UTF-8."""
    try:
        return base64.b64decode("".join(reply.lines), validate=True).decode()
    except ValueError:
        raise ScramError("not base64") from None


def _candidates(wanted: Mechanism) -> tuple[Mechanism, ...]:
    return _STRONGEST_FIRST if wanted is Mechanism.AUTO else (wanted,)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _meaning_of(reply: Reply) -> Code:
    if reply.kind == 4:
        return Code.AUTH_TEMPORARY
    if reply.code in {502, 504}:
        return Code.AUTH_UNSUPPORTED
    return Code.AUTH_REJECTED if reply.kind == 5 else Code.UNEXPECTED


def _unsupported(offered: Collection[str]) -> WireError:
    names = shortened(" ".join(sorted(offered)))
    return WireError(Code.AUTH_UNSUPPORTED, Step.SIGN_IN, fact="mechanisms", values={"offered": names})


def _ensure_sendable(text: str) -> None:
    """RFC 4616 §2: NUL separates the fields of PLAIN; no other control character belongs into them either."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("credentials hold a control character")
