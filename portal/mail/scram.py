"""Knows SCRAM-SHA-256 (RFC 5802, RFC 7677): a sign-in in which each side proves the password and neither tells it."""

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata

# RFC 7677 §4 asks for 4,096 at least. A server that asks for more than this wants our time, not our proof.
FEWEST_ROUNDS = 4_096
MOST_ROUNDS = 1_000_000
_NO_BINDING = "n,,"  # GS2 header: we do not bind to the channel (RFC 5802 §7)
_FIRST = re.compile(r"r=([!-+\--~]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,8})(?:,.*)?\Z")


class ScramError(Exception):
    """The server broke the rules of the exchange, or could not prove that it knows the password."""


class Scram:
    """One exchange: `first` goes out, the server's answer goes into `final`, and its last word into `check`.

    `nonce` is printable ASCII without commas, at least 18 random octets of it, and never used twice.
    Raises ValueError for a user name or password that SASLprep prohibits (RFC 4013).
    """

    def __init__(self, username: str, password: str, *, nonce: str) -> None:
        self._password = saslprep(password).encode()
        self._nonce = nonce
        name = saslprep(username).replace("=", "=3D").replace(",", "=2C")
        self._first_bare = f"n={name},r={nonce}"
        self._server_signature = b""

    def first(self) -> str:
        return f"{_NO_BINDING}{self._first_bare}"

    def final(self, challenge: str) -> str:
        """Answer the server's first message with our proof. Raises ScramError; nothing was proven to it then."""
        match = _FIRST.match(challenge)
        if match is None or not match[1].startswith(self._nonce) or match[1] == self._nonce:
            raise ScramError("not an answer to what was asked")
        rounds = int(match[3])
        if not FEWEST_ROUNDS <= rounds <= MOST_ROUNDS:
            raise ScramError("too few rounds, or too many")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, _decoded(match[2]), rounds)
        without_proof = f"c={_encoded(_NO_BINDING.encode())},r={match[1]}"
        told = f"{self._first_bare},{challenge},{without_proof}".encode()
        client_key = _keyed(salted, b"Client Key")
        signature = _keyed(hashlib.sha256(client_key).digest(), told)
        self._server_signature = _keyed(_keyed(salted, b"Server Key"), told)
        proof = bytes(mine ^ theirs for mine, theirs in zip(client_key, signature, strict=True))
        return f"{without_proof},p={_encoded(proof)}"

    def check(self, verdict: str) -> None:
        """Believe the server's last message only if it proves that the server knows the password. Raises ScramError."""
        proven = verdict.partition(",")[0] == f"v={_encoded(self._server_signature)}"
        if not (self._server_signature and proven):
            raise ScramError("the server does not know the password")


def saslprep(text: str) -> str:
    """Prepare a user name or password (RFC 4013): what looks the same becomes the same. Raises ValueError."""
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if not stringprep.in_table_b1(character)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    if any(prohibited(character) for character in prepared for prohibited in _PROHIBITED):
        raise ValueError("a character that no user name or password may hold")
    if any(map(stringprep.in_table_d1, prepared)):
        _ensure_one_direction(prepared)
    return prepared


# RFC 4013 §2.3. Unassigned code points (table A.1) are let through: the tables are those of Unicode 3.2.
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def _ensure_one_direction(text: str) -> None:
    """RFC 3454 §6: right-to-left text begins and ends so, and holds nothing of the other direction."""
    ends = (text[0], text[-1])
    if any(map(stringprep.in_table_d2, text)) or not all(map(stringprep.in_table_d1, ends)):
        raise ValueError("text of two directions")


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ScramError("not base64") from None
