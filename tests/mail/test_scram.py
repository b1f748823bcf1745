"""SCRAM-SHA-256: the password is proven and never told, and the server has to prove that it knows it, too."""

import base64
import hashlib
import hmac
import itertools

import pytest

from portal.domain.diagnosis import Code
from portal.domain.mail_config import Mechanism
from portal.domain.secret import Secret
from portal.mail.authentication import SignInRules
from portal.mail.exchange import WireError
from portal.mail.redaction import Redactor
from portal.mail.replies import Reply
from portal.mail.scram import MOST_ROUNDS, Scram, ScramError, saslprep

# RFC 7677 §3
NONCE = "rOprNGfwEbeRWgbNEkqO"
CHALLENGE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
VERDICT = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
OFFERS = ["SCRAM-SHA-256", "PLAIN", "LOGIN"]


def begun(username="user", password="pencil"):
    return Scram(username, password, nonce=NONCE)


def test_the_example_of_the_standard_comes_out_as_printed_there():
    scram = begun()

    assert scram.first() == f"n,,n=user,r={NONCE}"
    assert scram.final(CHALLENGE) == FINAL
    scram.check(VERDICT)
    scram.check(f"{VERDICT},x=more")


def test_a_name_with_separators_is_escaped():
    assert begun("a=b,c").first() == f"n,,n=a=3Db=2Cc,r={NONCE}"


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "e=other-error",
        CHALLENGE.replace(NONCE, "somebody"),
        CHALLENGE.replace("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", ""),
        CHALLENGE.replace("i=4096", "i=4095"),
        CHALLENGE.replace("i=4096", f"i={MOST_ROUNDS + 1}"),
        CHALLENGE.replace("i=4096", "i=0004096"),
        CHALLENGE.replace("s=W22ZaJ0SNY7soEsUEjb6gQ==", "s=W"),
        CHALLENGE.replace("s=W22ZaJ0SNY7soEsUEjb6gQ==,", ""),
        f"m=unknown,{CHALLENGE}",
    ],
)
def test_a_challenge_that_breaks_the_rules_gets_no_proof(challenge):
    with pytest.raises(ScramError):
        begun().final(challenge)


@pytest.mark.parametrize("verdict", ["", "v=", "e=invalid-proof", VERDICT.swapcase(), f" {VERDICT}"])
def test_a_server_that_cannot_prove_the_password_is_not_believed(verdict):
    scram = begun()
    scram.final(CHALLENGE)

    with pytest.raises(ScramError):
        scram.check(verdict)


def test_a_verdict_before_the_proof_is_none():
    with pytest.raises(ScramError):
        begun().check("v=")


def test_what_looks_the_same_is_the_same_password():
    assert saslprep("I\u00adX") == "IX"
    assert saslprep("\u2168") == "IX"
    assert saslprep("a\u00a0b") == "a b"
    assert saslprep("\u05d0\u05d1") == "\u05d0\u05d1"


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031", "\u05d0a\u05d1", "\ue000", "\ufffd"])
def test_what_the_preparation_prohibits_is_refused(text):
    with pytest.raises(ValueError):
        saslprep(text)


class Server:
    """Knows a password, and answers as RFC 7677 says unless it is told to do otherwise."""

    def __init__(self, password="pencil", *, rounds=4096, signature=None, **answers):
        self.password, self.rounds, self.signature, self.answers = password, rounds, signature, answers
        self.heard = []

    def talk(self, exchange):
        command = next(exchange)
        try:
            for turn in itertools.count():
                self.heard.append((command.line, command.shown))
                command = exchange.send(self.answer(turn, command.line))
        except StopIteration as end:
            return end.value

    def answer(self, turn, line):
        if line == b"*\r\n":
            return Reply(501, "", ("cancelled",))
        code, text = self.answers.get(f"turn_{turn}") or (
            [self.challenge, self.verdict, self.welcome][turn](line) if turn < 3 else (501, "cancelled")
        )
        return Reply(code, "", (text,))

    def challenge(self, line):
        self.first = base64.b64decode(line.split()[2]).decode().removeprefix("n,,")
        nonce = self.first.split("r=")[1] + "%more"
        self.said = f"r={nonce},s={base64.b64encode(b'salt').decode()},i={self.rounds}"
        return 334, base64.b64encode(self.said.encode()).decode()

    def verdict(self, line):
        final = base64.b64decode(line).decode()
        bare, _, proof = final.rpartition(",p=")
        told = f"{self.first},{self.said},{bare}".encode()
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), b"salt", self.rounds)
        client = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client).digest(), told, "sha256")
        if bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True)) != client:
            return 535, "5.7.8 wrong"
        own = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), told, "sha256")
        return 334, base64.b64encode(f"v={base64.b64encode(self.signature or own).decode()}".encode()).decode()

    def welcome(self, line):
        return (235, "2.7.0 welcome") if line == b"\r\n" else (501, "cancelled")


def signing_in(server, *, offered=OFFERS, wanted=Mechanism.AUTO, password="pencil"):
    nonces = itertools.repeat(NONCE)
    rules = SignInRules("user", Secret(password), told=Redactor().told, nonce=lambda: next(nonces))
    return server.talk(rules.sign_in(offered, wanted))


def test_the_password_is_proven_in_both_directions_and_never_told():
    server = Server()

    assert signing_in(server) is Mechanism.SCRAM_SHA_256
    everything = b"".join(line for line, _ in server.heard)
    assert b"pencil" not in everything
    assert base64.b64encode(b"pencil") not in everything
    assert [shown for _, shown in server.heard] == ["AUTH SCRAM-SHA-256 [hidden]", "[hidden]", "(empty)"]


def test_a_wrong_password_is_refused_after_one_attempt():
    server = Server("another")
    with pytest.raises(WireError) as refusal:
        signing_in(server)

    assert refusal.value.code is Code.AUTH_REJECTED
    assert sum(line.startswith(b"AUTH") for line, _ in server.heard) == 1


@pytest.mark.parametrize(
    ("server", "last"),
    [
        (Server(signature=b"not it"), b"*\r\n"),
        (Server(turn_0=(235, "welcome")), None),
        (Server(turn_1=(235, "welcome")), None),
        (Server(turn_0=(334, "?")), b"*\r\n"),
        (Server(turn_0=(334, base64.b64encode(b"\xff").decode())), b"*\r\n"),
        (Server(rounds=1000), b"*\r\n"),
    ],
    ids=["a false proof", "no exchange", "no proof", "no base64", "no text", "too few rounds"],
)
def test_a_server_that_proves_nothing_gets_no_mail(server, last):
    with pytest.raises(WireError) as refusal:
        signing_in(server)

    assert (refusal.value.code, refusal.value.fact) == (Code.UNEXPECTED, "server-not-proven")
    assert last is None or server.heard[-1][0] == last


@pytest.mark.parametrize(
    ("offered", "wanted", "chosen"),
    [
        (["SCRAM-SHA-256", "PLAIN", "LOGIN"], Mechanism.AUTO, b"SCRAM-SHA-256"),
        (["LOGIN", "PLAIN"], Mechanism.AUTO, b"PLAIN"),
        (["LOGIN", "CRAM-MD5"], Mechanism.AUTO, b"LOGIN"),
        (["SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "LOGIN"], Mechanism.AUTO, b"LOGIN"),
        (["SCRAM-SHA-256", "PLAIN", "LOGIN"], Mechanism.PLAIN, b"PLAIN"),
        (["SCRAM-SHA-256", "PLAIN", "LOGIN"], Mechanism.LOGIN, b"LOGIN"),
        (["SCRAM-SHA-256", "PLAIN"], Mechanism.SCRAM_SHA_256, b"SCRAM-SHA-256"),
    ],
)
def test_the_strongest_mechanism_in_common_is_the_one(offered, wanted, chosen):
    server = Server(turn_0=(535, "5.7.8 no"))
    with pytest.raises(WireError):
        signing_in(server, offered=offered, wanted=wanted)

    assert server.heard[0][0].split()[:2] == [b"AUTH", chosen]
    assert len(server.heard) == 1


@pytest.mark.parametrize("offered", [["CRAM-MD5"], ["XOAUTH2", "GSSAPI", "NTLM"], []])
def test_no_mechanism_in_common_sends_nothing(offered):
    server = Server()
    with pytest.raises(WireError) as refusal:
        signing_in(server, offered=offered)

    assert refusal.value.code is Code.AUTH_UNSUPPORTED
    assert server.heard == []


def test_only_504_and_534_lead_to_another_mechanism():
    for code, attempts in ((504, 2), (534, 2), (535, 1), (454, 1)):
        server = Server(turn_0=(code, "no"), turn_1=(535, "5.7.8 no"))
        with pytest.raises(WireError):
            signing_in(server, offered=["SCRAM-SHA-256", "PLAIN"])
        assert len(server.heard) == attempts


def test_a_password_that_cannot_be_prepared_goes_by_another_mechanism():
    server = Server(turn_0=(235, "welcome"))

    assert signing_in(server, password="\u0627\u0031") is Mechanism.PLAIN
