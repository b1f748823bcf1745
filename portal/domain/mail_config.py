"""Knows what a mail configuration is: where mail goes, how it is protected, and in whose name."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.charset import DEFAULT_CHARSET
from portal.domain.ids import ConfigId, TenantId
from portal.domain.roles import Role


class Encryption(StrEnum):
    """How the connection is protected. There is no opportunistic mode: it encrypts or says that it does not."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SignIn(StrEnum):
    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the name of a method, not a password


class Mechanism(StrEnum):
    """The AUTH mechanism; `auto` takes the strongest that the server offers, one per attempt."""

    AUTO = "auto"
    SCRAM_SHA_256 = "scram-sha-256"
    PLAIN = "plain"
    LOGIN = "login"


class TrustKind(StrEnum):
    SYSTEM = "system"
    PRIVATE_CA = "private_ca"
    PIN = "pin"


class MisfitPolicy(StrEnum):
    """What happens to a text that the configured charset cannot carry."""

    UTF8 = "utf-8"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates are believed.

    `value` is empty for the system's authorities, PEM text for a private authority, and for a pin the
    SHA-256 of the certificate's SubjectPublicKeyInfo as 64 lower-case hex digits.
    """

    kind: TrustKind = TrustKind.SYSTEM
    value: str = ""

    def digest(self) -> bytes:
        """Identify the anchor: SHA-256 of the DER certificates, the pin itself, or nothing."""
        match self.kind:
            case TrustKind.SYSTEM:
                return b""
            case TrustKind.PRIVATE_CA:
                return hashlib.sha256(b"".join(_der_of(self.value))).digest()
            case TrustKind.PIN:
                return bytes.fromhex(self.value)


@dataclass(frozen=True, slots=True)
class Destination:
    """Everything a stored password is bound to: change one field and the password does not open."""

    host: str
    port: int
    encryption: Encryption
    username: str = ""
    mechanism: Mechanism = Mechanism.AUTO
    trust: Trust = Trust()

    def fingerprint(self) -> bytes:
        """The canonical bytes of this destination: a version byte, then length-prefixed fields."""
        fields = (
            self.host.encode("ascii"),
            self.port.to_bytes(2, "big"),
            self.encryption.value.encode(),
            self.trust.kind.value.encode(),
            self.trust.digest(),
            self.mechanism.value.encode(),
            self.username.encode(),
        )
        return b"\x01" + b"".join(len(field).to_bytes(4, "big") + field for field in fields)


@dataclass(frozen=True, slots=True)
class Server:
    """What the wire needs besides the password: the destination and how to behave there.

    `cleartext_sign_in` is true only with the operator's permission *and* the user's recorded consent.
    `helo_name` is the name given in EHLO (RFC 5321 §4.1.1.1).
    """

    destination: Destination
    sign_in: SignIn
    helo_name: str
    cleartext_sign_in: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration as somebody typed it: cleaned and judged, but not yet anybody's.

    `per_minute` is how many mails a minute may leave through it; 0 sets no limit.
    """

    name: str
    destination: Destination
    sign_in: SignIn
    from_address: str
    from_name: str
    charset: str = DEFAULT_CHARSET
    misfit: MisfitPolicy = MisfitPolicy.UTF8
    reply_to: str = ""
    envelope_from: str = ""
    helo_name: str = ""
    cleartext_consent: bool = False
    per_minute: int = 0


@dataclass(frozen=True, slots=True)
class MailConfig:
    """A saved configuration. It has no password field: what a page cannot hold, a page cannot leak.

    `last_code` is the outcome code of the latest test, check or delivery, `last_at` its time (None: never tried);
    `last_good_at` is when it worked last.
    `password_changed_at` and `password_changed_by` say when its password was typed last, and by somebody of which role.
    `paused_until` is set while its mail waits because it fails: then one mail tries again.
    `slowed_to` is how many mails a minute leave while its server asks for less; None otherwise.
    """

    id: ConfigId
    tenant_id: TenantId
    draft: Draft
    has_password: bool
    version: int
    updated_at: datetime
    last_code: str | None = None
    last_at: datetime | None = None
    last_good_at: datetime | None = None
    password_changed_at: datetime | None = None
    password_changed_by: Role | None = None
    paused_until: datetime | None = None
    slowed_to: int | None = None

    @property
    def name(self) -> str:
        return self.draft.name


@dataclass(frozen=True, slots=True)
class InheritedDefault:
    """All that a tenant may know of the configuration it inherits. No id leads to the row behind it.

    `parent_name` names the direct parent, however far up the configuration stands. `sender` is None where the
    parent hides it or where nothing is configured above. `last_code` is the result category of the last attempt.
    """

    parent_name: str
    sender: str | None
    exists: bool
    last_code: str | None = None
    last_at: datetime | None = None


def proposed_encryption(*, use_ssl: bool, port: int) -> Encryption:
    """What the *Use SSL* switch means on a port: implicit TLS on 465 (RFC 8314 §3.3), STARTTLS elsewhere."""
    if not use_ssl:
        return Encryption.NONE
    return Encryption.TLS if port == 465 else Encryption.STARTTLS


def _der_of(pem: str) -> list[bytes]:
    blocks = pem.split("-----BEGIN CERTIFICATE-----")[1:]
    return [base64.b64decode("".join(block.split("-----END CERTIFICATE-----")[0].split())) for block in blocks]
