"""Knows everything the operator decides: each setting's name, default and rule."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from portal.domain.hosts import canonical_host
from portal.domain.second_factor import Rule
from portal.domain.secret import Secret
from portal.settings.environment import BadSettingError, Environment, whole_number
from portal.settings.instance_default import MAIL_NAMES, InstanceDefault, instance_default
from portal.settings.keys import ensure_keys, key_ring, refuse_one_for_two, secret_key

__all__ = ["SETTING_NAMES", "BadSettingError", "InstanceDefault", "Settings", "ensure_keys"]

SETTING_NAMES = (
    "PORT",
    "PORTAL_INSTANCE_DIR",
    "PORTAL_JOURNAL_DIR",
    "PORTAL_DATABASE_URL",
    "PORTAL_DATABASE_URL_FILE",
    "PORTAL_BROKER_URL",
    "PORTAL_BROKER_URL_FILE",
    "PORTAL_PROCESSES",
    "PORTAL_PRODUCTION",
    "PORTAL_SECRET_KEY",
    "PORTAL_SECRET_KEY_FILE",
    "PORTAL_KEYS",
    "PORTAL_KEYS_FILE",
    "PORTAL_PUBLIC_URL",
    "PORTAL_TRUSTED_PROXIES",
    "PORTAL_DEMO",
    "PORTAL_DEMO_PASSWORD",
    "PORTAL_DEMO_PASSWORD_FILE",
    "PORTAL_SECOND_FACTOR",
    "PORTAL_BREACHED_PASSWORDS",
    "PORTAL_EGRESS_NETWORKS",
    "PORTAL_EGRESS_PORTS",
    "PORTAL_CLEARTEXT_SIGN_IN",
    "PORTAL_SENDERS",
    "PORTAL_TENANT_PER_MINUTE",
    "PORTAL_CHECK_HOURS",
    "PORTAL_MAIL_LOG_DAYS",
    "PORTAL_AUDIT_DAYS",
    "PORTAL_LOG_FORMAT",
    "PORTAL_METRICS_TOKEN",
    "PORTAL_METRICS_TOKEN_FILE",
    *MAIL_NAMES,
)

# Another `_FILE` is no secret: the certificate of an authority may be read by everybody.
_SECRET_FILES = tuple(name for name in SETTING_NAMES if name.endswith("_FILE") and name != "PORTAL_MAIL_CA_FILE")
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_FILE = "sqlite:"
_BROKERS = ("redis", "rediss", "amqp", "amqps")
_LONGEST_LINE = 100
_SHA1_LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d{1,20})?\r?\n?")
_MAIL_PORTS = frozenset({25, 465, 587, 2525})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator decided. Its repr shows no secret.

    `database_url` is spelt as SQLAlchemy wants it.
    `secret_key` is None and `key_ring` is empty only outside production, as long as `ensure_keys` has not run.
    `key_ring` holds (name, 32 bytes), newest first. `secret_files` are the files that secrets were read from.
    `egress_ports` includes the ports that are always allowed.
    """

    instance_dir: Path
    journal_dir: Path
    database_url: str = field(repr=False)
    broker_url: Secret | None
    processes: int
    production: bool
    secret_key: Secret | None
    key_ring: tuple[tuple[str, bytes], ...] = field(repr=False)
    public_url: str
    port: int
    trusted_proxies: int
    demo: bool
    demo_password: Secret | None
    second_factor: Rule
    breached_passwords: Path | None
    egress_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    egress_ports: frozenset[int]
    cleartext_sign_in: bool
    senders: int
    tenant_per_minute: int
    check_hours: int
    mail_log_days: int
    audit_days: int
    log_format: str
    metrics_token: Secret | None
    instance_default: InstanceDefault | None
    secret_files: tuple[tuple[str, Path], ...] = ()

    @property
    def is_in_file(self) -> bool:
        """Whether the database is a file of SQLite, which the processes of one machine share."""
        return self.database_url.startswith(_FILE)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where rows and answers are written on this machine; of a database on a server only the server knows."""
        if not self.is_in_file:
            return (self.journal_dir,)
        return Path(self.database_url.partition(":///")[2]).parent, self.journal_dir

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], root: Path) -> "Settings":
        """Read and judge every setting; relative paths start at `root`.

        Raises BadSettingError naming the first setting that cannot be used.
        """
        given = Environment(environ, root)
        given.refuse_unknown("PORTAL_", SETTING_NAMES)
        instance_dir = Path(root, given.text("PORTAL_INSTANCE_DIR", "instance")).absolute()
        production = given.switch("PORTAL_PRODUCTION")
        if production:
            _refuse_one_for_two(given, instance_dir)
        port = given.number("PORT", 8000, least=1, most=65535)
        return cls(
            instance_dir=instance_dir,
            journal_dir=_journal_dir(given, instance_dir, production=production),
            database_url=(database_url := _database_url(given, instance_dir)),
            broker_url=_broker_url(given, database_url),
            processes=_processes(given, database_url),
            production=production,
            secret_key=secret_key(given, instance_dir, production=production),
            key_ring=key_ring(given, instance_dir, production=production),
            public_url=_public_url(given, port, production=production),
            port=port,
            trusted_proxies=given.number("PORTAL_TRUSTED_PROXIES", 0, least=0, most=10),
            demo=_demo(given, production=production),
            demo_password=given.secret("PORTAL_DEMO_PASSWORD"),
            second_factor=_second_factor(given, production=production),
            breached_passwords=_breached_passwords(given),
            egress_networks=tuple(_network(item) for item in given.items("PORTAL_EGRESS_NETWORKS")),
            egress_ports=_MAIL_PORTS | {_egress_port(item) for item in given.items("PORTAL_EGRESS_PORTS")},
            cleartext_sign_in=given.switch("PORTAL_CLEARTEXT_SIGN_IN"),
            senders=given.number("PORTAL_SENDERS", 4, least=2, most=32),
            tenant_per_minute=given.number("PORTAL_TENANT_PER_MINUTE", 0, least=0, most=100_000),
            check_hours=given.number("PORTAL_CHECK_HOURS", 24, least=0, most=720),
            mail_log_days=given.number("PORTAL_MAIL_LOG_DAYS", 90, least=1, most=3650),
            audit_days=given.number("PORTAL_AUDIT_DAYS", 400, least=0, most=3650),
            log_format=given.choice("PORTAL_LOG_FORMAT", "text", "json"),
            metrics_token=given.secret("PORTAL_METRICS_TOKEN"),
            instance_default=instance_default(given),
            secret_files=tuple((name, Path(root, given.text(name))) for name in _SECRET_FILES if given.text(name)),
        )


def _refuse_one_for_two(given: Environment, instance_dir: Path) -> None:
    ring = key_ring(given, instance_dir, production=True)
    names = ("PORTAL_SECRET_KEY", "PORTAL_METRICS_TOKEN", "PORTAL_MAIL_PASSWORD")
    refuse_one_for_two(ring, {name: given.secret(name) for name in names})


def _database_url(given: Environment, instance_dir: Path) -> str:
    url = given.secret("PORTAL_DATABASE_URL")
    if url is None:
        return f"sqlite:///{instance_dir / 'portal.db'}"
    scheme, _, rest = url.reveal().partition("://")
    if scheme not in _DRIVERS or (scheme == "sqlite" and not rest.startswith("/")):
        raise BadSettingError("PORTAL_DATABASE_URL starts with sqlite:/// or postgresql://")
    return f"{_DRIVERS[scheme]}://{rest}"


def _broker_url(given: Environment, database_url: str) -> Secret | None:
    """Where wake-ups for workers go; without one whoever serves pages delivers too."""
    url = given.secret("PORTAL_BROKER_URL")
    if url is None:
        return None
    if url.reveal().partition("://")[0] not in _BROKERS:
        raise BadSettingError(f"PORTAL_BROKER_URL starts with {', '.join(f'{each}://' for each in _BROKERS)}")
    if database_url.startswith(_FILE):
        raise BadSettingError("PORTAL_BROKER_URL needs PostgreSQL (PORTAL_DATABASE_URL): workers share no file")
    return url


def _processes(given: Environment, database_url: str) -> int:
    number = given.number("PORTAL_PROCESSES", 1, least=1, most=64)
    if number > 1 and database_url.startswith(_FILE):
        raise BadSettingError("PORTAL_PROCESSES above 1 needs PostgreSQL (PORTAL_DATABASE_URL)")
    if number > 1 and given.switch("PORTAL_DEMO"):
        raise BadSettingError(
            "PORTAL_DEMO and PORTAL_PROCESSES above 1 exclude each other: there is one demo mail server"
        )
    return number


def _journal_dir(given: Environment, instance_dir: Path, *, production: bool) -> Path:
    """A place that was named has to be there: a journal on a disk that is not mounted is lost at the next start."""
    named = given.text("PORTAL_JOURNAL_DIR")
    if not named:
        if production and given.secret("PORTAL_BROKER_URL"):
            raise BadSettingError(
                "PORTAL_JOURNAL_DIR is not set: a worker needs a folder that outlives its machine's start"
            )
        return instance_dir / "journal"
    path = Path(given.root, named).absolute()
    if not path.is_dir():
        raise BadSettingError(f"PORTAL_JOURNAL_DIR: {named} is not a folder")
    return path


def _public_url(given: Environment, port: int, *, production: bool) -> str:
    url = given.text("PORTAL_PUBLIC_URL")
    if not url and production:
        raise BadSettingError("PORTAL_PUBLIC_URL is not set: production needs it for the links in mail")
    if not url:
        return f"http://127.0.0.1:{port}"
    try:
        parts = urlsplit(url)
        host, explicit_port = canonical_host(parts.hostname or ""), parts.port
    except ValueError:
        raise BadSettingError(f"PORTAL_PUBLIC_URL is not scheme://host: {url!r}") from None
    schemes = ("https",) if production else ("https", "http")
    if parts.scheme not in schemes:
        raise BadSettingError(f"PORTAL_PUBLIC_URL starts with {' or '.join(schemes)}, not {parts.scheme!r}")
    if "@" in parts.netloc or len(url) > len(f"{parts.scheme}://{parts.netloc}"):
        raise BadSettingError("PORTAL_PUBLIC_URL is scheme://host or scheme://host:port, with nothing after it")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{explicit_port}" if explicit_port else "")


def _demo(given: Environment, *, production: bool) -> bool:
    demo = given.switch("PORTAL_DEMO")
    if demo and production:
        raise BadSettingError("PORTAL_DEMO and PORTAL_PRODUCTION exclude each other: the demo prints its passwords")
    return demo


def _second_factor(given: Environment, *, production: bool) -> Rule:
    usual = (Rule.OWNERS, Rule.OPTIONAL) if production else (Rule.OPTIONAL, Rule.OWNERS)
    return Rule(given.choice("PORTAL_SECOND_FACTOR", *usual))


def _breached_passwords(given: Environment) -> Path | None:
    """A list that was named has to be one: without it passwords would be let through that the operator refuses."""
    named = given.text("PORTAL_BREACHED_PASSWORDS")
    if not named:
        return None
    path = Path(given.root, named).absolute()
    try:
        with path.open("rb") as opened:
            first = opened.readline(_LONGEST_LINE)
    except OSError as failure:
        raise BadSettingError(f"PORTAL_BREACHED_PASSWORDS: {named} cannot be read ({failure.strerror})") from None
    if not _SHA1_LINE.fullmatch(first):
        raise BadSettingError(f"PORTAL_BREACHED_PASSWORDS: {named} has no lines of SHA-1 and count, such as 5BAA…:3")
    return path


def _network(item: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(item)
    except ValueError as reason:
        raise BadSettingError(f"PORTAL_EGRESS_NETWORKS: {reason}") from None


def _egress_port(item: str) -> int:
    return whole_number("PORTAL_EGRESS_PORTS", item, least=1, most=65535)
