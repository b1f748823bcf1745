"""Knows whom to believe: one TLS context per trust setting, and what a failed handshake means."""

import hmac
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from portal.domain.diagnosis import Code, Step
from portal.domain.mail_config import Destination, Trust, TrustKind
from portal.mail.certificates import facts_of, fingerprint_of
from portal.mail.exchange import WireError

# Set explicitly: Python 3.13 changed the defaults, and one configuration must not depend on the version.
_VERIFY_FLAGS = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED, _WRONG_NAME, _WRONG_ADDRESS = 9, 10, 62, 64
_BY_VERIFY_CODE = MappingProxyType(
    {
        _NOT_YET_VALID: Code.TLS_EXPIRED,
        _EXPIRED: Code.TLS_EXPIRED,
        _WRONG_NAME: Code.TLS_NAME,
        _WRONG_ADDRESS: Code.TLS_NAME,
    }
)
_TOO_OLD = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"})
_NO_TLS_AT_ALL = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"})


def secured(link: socket.socket, destination: Destination, *, seconds: float) -> ssl.SSLSocket:
    """Encrypt a connection and judge the peer, before a byte of ours is sent inside.

    Consumes `link`. Raises WireError with one of the TLS codes; the connection is then closed.
    """
    trust = destination.trust
    wrapped = _shaken(link, _context_for(trust), destination.host, seconds=seconds)
    if trust.kind is TrustKind.PIN and not _matches(wrapped, trust):
        with wrapped:
            raise _failure(Code.TLS_PIN, values=facts_of(_certificate_of(wrapped)))
    return wrapped


def shown_certificate(link: socket.socket, host: str, *, seconds: float) -> bytes:
    """The certificate (DER) that a peer shows, believed or not; nothing is sent inside and `link` is closed.

    Raises WireError when there is no handshake.
    """
    with _shaken(link, _context(TrustKind.PIN, ""), host, seconds=seconds) as wrapped:
        return _certificate_of(wrapped)


def facts_about(link: ssl.SSLSocket) -> Mapping[str, str]:
    """Version, cipher and certificate of an encrypted connection, safe to show."""
    cipher = link.cipher()
    return {
        "version": (link.version() or "").replace("TLSv", "TLS "),
        "cipher": cipher[0] if cipher else "",
        **facts_of(_certificate_of(link)),
    }


def _context_for(trust: Trust) -> ssl.SSLContext:
    pem = trust.value if trust.kind is TrustKind.PRIVATE_CA else ""
    try:
        return _context(trust.kind, pem)
    except (ssl.SSLError, ValueError, TypeError):
        raise _failure(Code.TLS_UNTRUSTED, fact="authority-unreadable") from None


@lru_cache(maxsize=256)  # building one costs 15 ms with the system's authorities
def _context(kind: TrustKind, pem: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8997; above it the versions negotiate freely
    context.hostname_checks_common_name = False  # RFC 9525: only the SAN counts
    context.verify_flags = _VERIFY_FLAGS
    match kind:
        case TrustKind.SYSTEM:
            context.load_default_certs()
        case TrustKind.PRIVATE_CA:
            context.load_verify_locations(cadata=pem)
        case _:
            # A pin: the key itself is compared after the handshake: neither chain nor name add to that.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    return context


def _shaken(link: socket.socket, context: ssl.SSLContext, host: str, *, seconds: float) -> ssl.SSLSocket:
    open_link = link
    try:
        link.settimeout(seconds)  # do_handshake keeps it as one deadline over all its reads and writes
        open_link = wrapped = context.wrap_socket(link, server_hostname=host, do_handshake_on_connect=False)
        wrapped.do_handshake()
    except OSError as error:
        open_link.close()
        raise _explained(error) from None
    return wrapped


def _matches(link: ssl.SSLSocket, trust: Trust) -> bool:
    fingerprint = fingerprint_of(_certificate_of(link))
    return bool(fingerprint) and hmac.compare_digest(fingerprint, trust.value)


def _certificate_of(link: ssl.SSLSocket) -> bytes:
    return link.getpeercert(binary_form=True) or b""


def _explained(error: OSError) -> WireError:
    match error:
        case ssl.SSLCertVerificationError():
            return _failure(_BY_VERIFY_CODE.get(error.verify_code, Code.TLS_UNTRUSTED), fact="certificate-refused")
        case TimeoutError():
            return _failure(Code.TLS_FAILED, fact="handshake-stalled")
        case ssl.SSLError(reason=str(reason)) if reason in _TOO_OLD:
            return _failure(Code.TLS_OLD)
        case ssl.SSLError(reason=str(reason)) if reason in _NO_TLS_AT_ALL:
            return _failure(Code.TLS_FAILED, fact="not-tls")
        case ssl.SSLEOFError():
            return _failure(Code.TLS_FAILED, fact="handshake-cut")
        case ssl.SSLError(reason=str(reason)):
            # The reason is one of OpenSSL's own constants, never text of the peer.
            return _failure(Code.TLS_FAILED, fact="handshake-failed", values={"reason": reason})
        case _:
            return _failure(Code.TLS_FAILED, fact="handshake-cut")


def _failure(code: Code, *, fact: str = "", values: Mapping[str, str] | None = None) -> WireError:
    return WireError(code, Step.ENCRYPT, fact=fact, values=values or {})
