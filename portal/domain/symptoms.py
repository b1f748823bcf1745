"""Knows what can be wrong with an installation, and how much each of it matters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """The number is the exit code of whoever reports nothing worse: a NOTE may be what the operator wants."""

    NOTE = 0
    WARNING = 1
    ERROR = 2


class Sign(StrEnum):
    """What was noticed. Each has its sentence and its remedy in `cli/symptoms.py`."""

    NOT_PRODUCTION = "not-production"
    DEMO = "demo"
    DEBUG = "debug"
    RUNS_AS_ROOT = "runs-as-root"
    OLD_PYTHON = "old-python"
    PLAIN_URL = "plain-url"
    LOOPBACK_URL = "loopback-url"
    NO_PROXY = "no-proxy"
    MANY_PROXIES = "many-proxies"
    SECRET_KEY_WEAK = "secret-key-weak"  # noqa: S105 - the name of a finding
    KEY_WEAK = "key-weak"
    OLDER_KEY_WEAK = "older-key-weak"
    SHARED_SECRET = "shared-secret"  # noqa: S105 - the name of a finding
    TOKEN_WEAK = "token-weak"  # noqa: S105 - the name of a finding
    KEY_MISSING = "key-missing"
    KEY_TO_ROTATE = "key-to-rotate"
    KEY_UNUSED = "key-unused"
    KEYS_BESIDE_DATABASE = "keys-beside-database"
    NETWORK_ALLOWED = "network-allowed"
    NETWORK_RISKY = "network-risky"
    PORT_ALLOWED = "port-allowed"
    PORT_RISKY = "port-risky"
    CLEARTEXT_SIGN_IN = "cleartext-sign-in"
    RELAY_PLAIN = "relay-plain"
    DATABASE_PLAIN = "database-plain"
    DATABASE_UNVERIFIED = "database-unverified"
    DATABASE_SUPERUSER = "database-superuser"
    DATABASE_AWAY = "database-away"
    DATABASE_CLOCK = "database-clock"
    NOT_MIGRATED = "not-migrated"
    CLOCK_WENT_BACK = "clock-went-back"
    BROKER_PLAIN = "broker-plain"
    BROKER_OPEN = "broker-open"
    OTHERS_READ = "others-read"
    GROUP_READS = "group-reads"
    OTHERS_WRITE = "others-write"
    NETWORK_FOLDER = "network-folder"
    VANISHING_FOLDER = "vanishing-folder"
    DISK_LOW = "disk-low"
    DISK_FULL = "disk-full"
    QUEUE_HELD = "queue-held"
    RESTORED_HELD = "restored-held"
    MAIL_LATE = "mail-late"
    NOBODY_DELIVERS = "nobody-delivers"
    HOSTS_WAIT = "hosts-wait"


@dataclass(frozen=True, slots=True)
class Symptom:
    """`values` fill in the sentence; none of them is a secret."""

    sign: Sign
    severity: Severity
    values: Mapping[str, str] = field(default_factory=dict)
