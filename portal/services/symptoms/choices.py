"""Knows which of the operator's settings are insecure, or are meant for one's own machine alone."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from portal.domain.mail_config import Encryption
from portal.domain.symptoms import Severity, Sign, Symptom
from portal.settings import Settings

_MAIL_PORTS = frozenset({25, 465, 587, 2525})
# Services behind these take commands from whoever reaches them; no mail server listens there.
_RISKY_PORTS = frozenset(
    {22, 23, 80, 139, 443, 445, 1433, 2375, 2379, 3306, 5432, 5672, 6379, 8080, 9200, 11211, 27017}
)
# Metadata of clouds (link-local) and the machine itself: a tenant who names a server there reads or steers it.
_RISKY_NETWORKS = tuple(
    ipaddress.ip_network(each) for each in ("169.254.0.0/16", "fe80::/10", "127.0.0.0/8", "::1/128")
)
_LARGEST = {4: 16, 6: 48}


def look(settings: Settings) -> Iterator[Symptom]:
    """Everything that the settings alone tell."""
    if not settings.production:
        yield Symptom(Sign.NOT_PRODUCTION, Severity.WARNING)
    if settings.demo:
        yield Symptom(Sign.DEMO, Severity.WARNING)
    yield from _address(settings)
    yield from _proxies(settings)
    yield from _networks(settings)
    yield from _ports(settings)
    yield from _sign_in(settings)
    yield from _database(settings)
    yield from _broker(settings)


def _address(settings: Settings) -> Iterator[Symptom]:
    parts = urlsplit(settings.public_url)
    severity = Severity.ERROR if settings.production else Severity.WARNING
    if parts.scheme != "https":
        yield Symptom(Sign.PLAIN_URL, severity, {"url": settings.public_url})
    if is_here(parts.hostname or ""):
        yield Symptom(Sign.LOOPBACK_URL, severity, {"url": settings.public_url})


def _proxies(settings: Settings) -> Iterator[Symptom]:
    if settings.production and not settings.trusted_proxies:
        yield Symptom(Sign.NO_PROXY, Severity.WARNING)
    if settings.trusted_proxies > 2:
        yield Symptom(Sign.MANY_PROXIES, Severity.WARNING, {"count": str(settings.trusted_proxies)})


def _networks(settings: Settings) -> Iterator[Symptom]:
    for network in settings.egress_networks:
        risky = any(network.version == each.version and network.overlaps(each) for each in _RISKY_NETWORKS)
        if risky or network.prefixlen < _LARGEST[network.version]:
            yield Symptom(Sign.NETWORK_RISKY, Severity.WARNING, {"network": str(network)})
        else:
            yield Symptom(Sign.NETWORK_ALLOWED, Severity.NOTE, {"network": str(network)})


def _ports(settings: Settings) -> Iterator[Symptom]:
    for port in sorted(settings.egress_ports - _MAIL_PORTS):
        if port in _RISKY_PORTS:
            yield Symptom(Sign.PORT_RISKY, Severity.WARNING, {"port": str(port)})
        else:
            yield Symptom(Sign.PORT_ALLOWED, Severity.NOTE, {"port": str(port)})


def _sign_in(settings: Settings) -> Iterator[Symptom]:
    if settings.cleartext_sign_in:
        yield Symptom(Sign.CLEARTEXT_SIGN_IN, Severity.WARNING)
    relay = settings.instance_default
    if relay is None or relay.draft.destination.encryption is not Encryption.NONE:
        return
    if not is_here(relay.draft.destination.host):
        severity = Severity.ERROR if relay.password else Severity.WARNING
        yield Symptom(Sign.RELAY_PLAIN, severity, {"host": relay.draft.destination.host})


def _database(settings: Settings) -> Iterator[Symptom]:
    if settings.is_in_file:
        return
    hosts, mode = _postgres(settings.database_url)
    away = [host for host in hosts if not is_here(host)]
    if away and mode in {"verify-ca", "verify-full"}:
        return
    if away and mode == "require":
        yield Symptom(Sign.DATABASE_UNVERIFIED, Severity.WARNING, {"host": away[0]})
    elif away:
        yield Symptom(Sign.DATABASE_PLAIN, Severity.ERROR, {"host": away[0]})


def _postgres(url: str) -> tuple[list[str], str]:
    """The hosts and the sslmode of a PostgreSQL address; a path is the folder of a socket on this machine."""
    parts = urlsplit(url)
    asked = dict(item.partition("=")[::2] for item in parts.query.split("&") if item)
    hosts = (asked.get("host") or parts.hostname or "localhost").split(",")
    return hosts, asked.get("sslmode", "prefer")


def _broker(settings: Settings) -> Iterator[Symptom]:
    if settings.broker_url is None:
        return
    parts = urlsplit(settings.broker_url.reveal())
    host = parts.hostname or "localhost"
    if is_here(host):
        return
    if parts.scheme in {"redis", "amqp"}:
        yield Symptom(Sign.BROKER_PLAIN, Severity.ERROR, {"host": host})
    if not parts.password:
        yield Symptom(Sign.BROKER_OPEN, Severity.ERROR, {"host": host})


def is_here(host: str) -> bool:
    """Whether a host is this very machine, so that nothing travels."""
    if host.startswith(("/", "%2F", "@")) or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
