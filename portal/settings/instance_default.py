"""Knows the last-resort mail configuration: the one that belongs to the installation and not to a tenant."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from portal.domain.addresses import canonical_address
from portal.domain.charset import DEFAULT_CHARSET, is_offered
from portal.domain.hosts import canonical_host
from portal.domain.mail_config import Destination, Draft, Encryption, SignIn, Trust, TrustKind
from portal.domain.secret import Secret
from portal.domain.text import clean_text
from portal.settings.environment import BadSettingError, Environment

MAIL_NAMES = (
    "PORTAL_MAIL_HOST",
    "PORTAL_MAIL_PORT",
    "PORTAL_MAIL_ENCRYPTION",
    "PORTAL_MAIL_USERNAME",
    "PORTAL_MAIL_PASSWORD",
    "PORTAL_MAIL_PASSWORD_FILE",
    "PORTAL_MAIL_FROM",
    "PORTAL_MAIL_FROM_NAME",
    "PORTAL_MAIL_CHARSET",
    "PORTAL_MAIL_CA_FILE",
)

_USUAL_PORT = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.TLS: 465}


@dataclass(frozen=True, slots=True)
class InstanceDefault:
    """Read-only on every screen. `password` is None exactly where the draft does not sign in."""

    draft: Draft
    password: Secret | None


def instance_default(given: Environment) -> InstanceDefault | None:
    """The configuration in PORTAL_MAIL_…, or None without a host. Raises BadSettingError."""
    if not given.text("PORTAL_MAIL_HOST"):
        _refuse_the_rest(given)
        return None
    username, password = _line(given, "PORTAL_MAIL_USERNAME"), _password(given)
    if bool(username) != bool(password):
        raise BadSettingError("PORTAL_MAIL_USERNAME and PORTAL_MAIL_PASSWORD are set together or not at all")
    draft = Draft(
        name="Instance default",
        destination=_destination(given, username),
        sign_in=SignIn.PASSWORD if username else SignIn.NONE,
        from_address=_judged(given, "PORTAL_MAIL_FROM", canonical_address),
        from_name=_line(given, "PORTAL_MAIL_FROM_NAME"),
        charset=_charset(given),
        # Whoever writes the environment is operator and user at once: the permission is the consent.
        cleartext_consent=given.switch("PORTAL_CLEARTEXT_SIGN_IN"),
    )
    return InstanceDefault(draft, password)


def _refuse_the_rest(given: Environment) -> None:
    for name in MAIL_NAMES:
        if given.text(name):
            raise BadSettingError(f"{name} is set without PORTAL_MAIL_HOST")


def _password(given: Environment) -> Secret | None:
    password = given.secret("PORTAL_MAIL_PASSWORD")
    try:
        clean_text(password.reveal() if password else "")
    except ValueError:  # RFC 4616 §2: no NUL; and no other control character is meant
        raise BadSettingError("PORTAL_MAIL_PASSWORD holds a control character") from None
    return password


def _destination(given: Environment, username: str) -> Destination:
    encryption = _encryption(given)
    return Destination(
        host=_judged(given, "PORTAL_MAIL_HOST", canonical_host),
        port=given.number("PORTAL_MAIL_PORT", _USUAL_PORT[encryption], least=1, most=65535),
        encryption=encryption,
        username=username,
        trust=_trust(given, encryption),
    )


def _encryption(given: Environment) -> Encryption:
    chosen = given.text("PORTAL_MAIL_ENCRYPTION", Encryption.STARTTLS.value)
    methods = [method.value for method in Encryption]
    if chosen not in methods:
        raise BadSettingError(f"PORTAL_MAIL_ENCRYPTION is one of {', '.join(methods)}, not {chosen!r}")
    return Encryption(chosen)


def _trust(given: Environment, encryption: Encryption) -> Trust:
    path = given.text("PORTAL_MAIL_CA_FILE")
    if not path:
        return Trust()
    if encryption is Encryption.NONE:
        raise BadSettingError("PORTAL_MAIL_CA_FILE is set, but PORTAL_MAIL_ENCRYPTION is none")
    pem = given.file("PORTAL_MAIL_CA_FILE", path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise BadSettingError(f"PORTAL_MAIL_CA_FILE: {path} holds no PEM certificate") from None
    return Trust(TrustKind.PRIVATE_CA, pem)


def _charset(given: Environment) -> str:
    charset = given.text("PORTAL_MAIL_CHARSET", DEFAULT_CHARSET).lower()
    if not is_offered(charset):
        raise BadSettingError(f"PORTAL_MAIL_CHARSET: {charset!r} is not offered")
    return charset


def _line(given: Environment, name: str) -> str:
    return _judged(given, name, clean_text) if given.text(name) else ""


def _judged(given: Environment, name: str, canonical: Callable[[str], str]) -> str:
    """The canonical spelling of a value, by a rule of the domain that raises ValueError."""
    value = given.text(name)
    if not value:
        raise BadSettingError(f"{name} is not set")
    try:
        return canonical(value)
    except ValueError:
        raise BadSettingError(f"{name}: {value!r} cannot be used") from None
