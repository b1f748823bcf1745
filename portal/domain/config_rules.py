"""Knows what a typed configuration has to look like: every field with its rule, every refusal with its code."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from portal.domain.addresses import canonical_address
from portal.domain.charset import DEFAULT_CHARSET, is_offered
from portal.domain.errors import InvalidError, Problem
from portal.domain.hosts import canonical_domain, canonical_host
from portal.domain.mail_config import (
    Destination,
    Draft,
    Encryption,
    Mechanism,
    MisfitPolicy,
    SignIn,
    Trust,
    TrustKind,
)
from portal.domain.secret import Secret
from portal.domain.text import clean_text, text_problems

Chosen = TypeVar("Chosen")

RESERVED_NAMES = frozenset({"provider default", "instance default"})
LONGEST_NAME = 120
LONGEST_FROM_NAME = 200
LONGEST_USERNAME = 320
LONGEST_PASSWORD = 1_000
LONGEST_PEM = 64_000
MOST_PER_MINUTE = 10_000
_PIN = re.compile(r"[0-9a-f]{64}\Z")
_PEM = re.compile(r"(?:\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+\Z")


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form as they were typed, before any judgement."""

    name: str = ""
    host: str = ""
    port: str = ""
    encryption: str = Encryption.STARTTLS.value
    signs_in: bool = True
    username: str = ""
    from_address: str = ""
    from_name: str = ""
    charset: str = DEFAULT_CHARSET
    misfit: str = MisfitPolicy.UTF8.value
    reply_to: str = ""
    envelope_from: str = ""
    helo_name: str = ""
    mechanism: str = Mechanism.AUTO.value
    trust_kind: str = TrustKind.SYSTEM.value
    trust_pem: str = ""
    trust_pin: str = ""
    cleartext_consent: bool = False
    per_minute: str = ""


def judged(typed: Typed, *, needs_name: bool = True) -> Draft:
    """Turn what was typed into a draft in canonical spelling.

    `needs_name` is false for a test that saves nothing. Raises InvalidError with every problem, not only the first.
    """
    judge = _Judge()
    from_address = judge.address("from_address", typed.from_address, required=True)
    sign_in = SignIn.PASSWORD if typed.signs_in else SignIn.NONE
    encryption = judge.choice("encryption", typed.encryption, Encryption, Encryption.STARTTLS)
    draft = Draft(
        name=judge.name(typed.name, required=needs_name),
        destination=Destination(
            host=judge.host(typed.host),
            port=judge.port(typed.port),
            encryption=encryption,
            username=judge.line("username", typed.username, LONGEST_USERNAME, required=typed.signs_in),
            mechanism=judge.choice("mechanism", typed.mechanism, Mechanism, Mechanism.AUTO),
            trust=judge.trust(typed),
        ),
        sign_in=sign_in,
        from_address=from_address,
        from_name=judge.line("from_name", typed.from_name, LONGEST_FROM_NAME, required=False) or from_address,
        charset=judge.charset(typed.charset),
        misfit=judge.choice("misfit", typed.misfit, MisfitPolicy, MisfitPolicy.UTF8),
        reply_to=judge.address("reply_to", typed.reply_to, required=False),
        envelope_from=judge.address("envelope_from", typed.envelope_from, required=False),
        helo_name=judge.domain("helo_name", typed.helo_name),
        cleartext_consent=typed.cleartext_consent and encryption is Encryption.NONE and typed.signs_in,
        per_minute=judge.rate(typed.per_minute),
    )
    judge.conclude()
    return draft


def typed_of(draft: Draft) -> Typed:
    """What somebody would have to type to get this very draft."""
    place = draft.destination
    anchor = {TrustKind.PRIVATE_CA: "trust_pem", TrustKind.PIN: "trust_pin"}.get(place.trust.kind)
    return Typed(
        name=draft.name,
        host=place.host,
        port=str(place.port),
        encryption=place.encryption.value,
        signs_in=draft.sign_in is SignIn.PASSWORD,
        username=place.username,
        from_address=draft.from_address,
        from_name=draft.from_name,
        charset=draft.charset,
        misfit=draft.misfit.value,
        reply_to=draft.reply_to,
        envelope_from=draft.envelope_from,
        helo_name=draft.helo_name,
        mechanism=place.mechanism.value,
        trust_kind=place.trust.kind.value,
        cleartext_consent=draft.cleartext_consent,
        per_minute=str(draft.per_minute or ""),
        **({anchor: place.trust.value} if anchor else {}),
    )


def password_problems(password: Secret) -> list[Problem]:
    """Judge a typed mail password. It is kept byte for byte; only what no server could read is refused."""
    text = password.reveal()
    if len(text) > LONGEST_PASSWORD:
        return [Problem("password", "too-long", {"longest": LONGEST_PASSWORD})]
    # RFC 4616 §2: PLAIN separates its fields by NUL; other controls cannot be typed at a server either.
    if any(ord(character) < 0x20 or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in text):
        return [Problem("password", "bad-character")]
    return []


class _Judge:
    """Collects the problems of all fields, so that the form can show them together."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def conclude(self) -> None:
        if self._problems:
            raise InvalidError(self._problems)

    def name(self, text: str, *, required: bool) -> str:
        name = self.line("name", text, LONGEST_NAME, required=required)
        if name.casefold() in RESERVED_NAMES:
            self._refuse("name", "reserved")
        return name

    def host(self, text: str) -> str:
        return self._canonical("host", text, canonical_host, "not-a-host", required=True)

    def domain(self, field: str, text: str) -> str:
        return self._canonical(field, text, canonical_domain, "not-a-domain", required=False)

    def address(self, field: str, text: str, *, required: bool) -> str:
        return self._canonical(field, text, canonical_address, "not-an-address", required=required)

    def port(self, text: str) -> int:
        digits = text.strip()
        if not digits:
            self._refuse("port", "required")
        elif not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and 0 < int(digits) <= 65_535):
            self._refuse("port", "not-a-port")
        else:
            return int(digits)
        return 0

    def rate(self, text: str) -> int:
        digits = text.strip()
        if not digits:
            return 0
        if digits.isascii() and digits.isdigit() and len(digits) <= 5 and 0 < int(digits) <= MOST_PER_MINUTE:
            return int(digits)
        self._problems.append(Problem("per_minute", "not-a-number", {"most": MOST_PER_MINUTE}))
        return 0

    def line(self, field: str, text: str, longest: int, *, required: bool) -> str:
        try:
            line = clean_text(text)
        except ValueError:
            self._refuse(field, "bad-character")
            return ""
        self._problems.extend(text_problems(field, line, longest=longest, required=required))
        return line

    def choice(self, field: str, text: str, choices: Callable[[str], Chosen], otherwise: Chosen) -> Chosen:
        try:
            return choices(text)
        except ValueError:
            self._refuse(field, "not-offered")
            return otherwise

    def charset(self, label: str) -> str:
        if not is_offered(label):
            self._refuse("charset", "not-offered")
        return label

    def trust(self, typed: Typed) -> Trust:
        kind = self.choice("trust_kind", typed.trust_kind, TrustKind, TrustKind.SYSTEM)
        match kind:
            case TrustKind.SYSTEM:
                return Trust()
            case TrustKind.PRIVATE_CA:
                pem = typed.trust_pem.replace("\r\n", "\n").strip()
                if len(pem) > LONGEST_PEM or not _PEM.match(pem) or not self._reads_as_certificates(pem):
                    self._refuse("trust_pem", "not-a-certificate")
                    return Trust()
                return Trust(kind, pem)
            case TrustKind.PIN:
                pin = typed.trust_pin.replace(":", "").replace(" ", "").strip().lower()
                if not _PIN.match(pin):
                    self._refuse("trust_pin", "not-a-pin")
                    return Trust()
                return Trust(kind, pin)

    @staticmethod
    def _reads_as_certificates(pem: str) -> bool:
        try:
            return bool(Trust(TrustKind.PRIVATE_CA, pem).digest())
        except ValueError:
            return False

    def _canonical(self, field: str, text: str, canonical: Callable[[str], str], code: str, *, required: bool) -> str:
        if not text.strip():
            if required:
                self._refuse(field, "required")
            return ""
        try:
            return canonical(text)
        except ValueError:
            self._refuse(field, code)
            return ""

    def _refuse(self, field: str, code: str) -> None:
        self._problems.append(Problem(field, code))
