"""Knows what well-known mail providers ask for: facts with the day on which they were looked at."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.mail_config import Encryption

# After this long somebody should look again: providers change their rules.
STALE_AFTER = timedelta(days=540)


class Needs(StrEnum):
    """What the password field wants at a provider."""

    PASSWORD = "password"  # noqa: S105 - a kind of password, not one
    APP_PASSWORD = "app-password"  # noqa: S105 - a kind of password, not one
    AUTHORIZATION_CODE = "authorization-code"
    KEY = "key"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Provider:
    """`hosts` are the server names that stand for it, a leading dot for all names below; the first is proposed.

    `username` tells what to sign in with: an address, or the literal text that it wants. `domains` are those of its
    own mailboxes, by which a sender's address tells it. `reviewed` is when the facts were last compared with the
    provider's own pages.
    """

    name: str
    hosts: tuple[str, ...]
    port: int
    encryption: Encryption
    needs: Needs
    reviewed: date
    username: str = "address"
    domains: tuple[str, ...] = ()

    @property
    def proposed_host(self) -> str:
        return self.hosts[0]

    def serves(self, host: str) -> bool:
        return any(host == each or (each.startswith(".") and host.endswith(each)) for each in self.hosts)

    def host_for(self, domain: str) -> str:
        """Its server for the mailboxes of one of its domains."""
        return next((host for host in self.hosts if host.endswith(f".{domain}")), self.proposed_host)

    def is_stale(self, today: date) -> bool:
        return today - self.reviewed > STALE_AFTER


_REVIEWED = date(2026, 11, 27)
_STARTTLS, _TLS = Encryption.STARTTLS, Encryption.TLS

PROVIDERS: tuple[Provider, ...] = (
    Provider(
        "Amazon SES",
        ("email-smtp.us-east-1.amazonaws.com", ".amazonaws.com"),
        587,
        _STARTTLS,
        Needs.KEY,
        _REVIEWED,
        "key",
    ),
    Provider("AOL Mail", ("smtp.aol.com",), 465, _TLS, Needs.APP_PASSWORD, _REVIEWED, domains=("aol.com",)),
    Provider("Brevo", ("smtp-relay.brevo.com",), 587, _STARTTLS, Needs.KEY, _REVIEWED),
    Provider(
        "Fastmail",
        ("smtp.fastmail.com",),
        465,
        _TLS,
        Needs.APP_PASSWORD,
        _REVIEWED,
        domains=("fastmail.com", "fastmail.fm"),
    ),
    Provider(
        "Gmail, Google Workspace",
        ("smtp.gmail.com",),
        587,
        _STARTTLS,
        Needs.APP_PASSWORD,
        _REVIEWED,
        domains=("gmail.com", "googlemail.com"),
    ),
    Provider(
        "GMX",
        ("mail.gmx.net", "mail.gmx.com"),
        587,
        _STARTTLS,
        Needs.PASSWORD,
        _REVIEWED,
        domains=("gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com"),
    ),
    Provider(
        "iCloud Mail",
        ("smtp.mail.me.com",),
        587,
        _STARTTLS,
        Needs.APP_PASSWORD,
        _REVIEWED,
        domains=("icloud.com", "me.com", "mac.com"),
    ),
    Provider("IONOS", ("smtp.ionos.com", "smtp.ionos.de"), 465, _TLS, Needs.PASSWORD, _REVIEWED),
    Provider("Mailgun", ("smtp.mailgun.org", "smtp.eu.mailgun.org"), 587, _STARTTLS, Needs.KEY, _REVIEWED),
    Provider("Microsoft 365", ("smtp.office365.com",), 587, _STARTTLS, Needs.ADMINISTRATOR, _REVIEWED),
    Provider("NetEase 163", ("smtp.163.com",), 465, _TLS, Needs.AUTHORIZATION_CODE, _REVIEWED, domains=("163.com",)),
    Provider("Postmark", ("smtp.postmarkapp.com",), 587, _STARTTLS, Needs.KEY, _REVIEWED, "key"),
    Provider("QQ Mail", ("smtp.qq.com",), 465, _TLS, Needs.AUTHORIZATION_CODE, _REVIEWED, domains=("qq.com",)),
    Provider("SendGrid", ("smtp.sendgrid.net",), 587, _STARTTLS, Needs.KEY, _REVIEWED, "apikey"),
    Provider("WEB.DE", ("smtp.web.de",), 587, _STARTTLS, Needs.PASSWORD, _REVIEWED, domains=("web.de",)),
    Provider(
        "Yahoo Mail",
        ("smtp.mail.yahoo.com",),
        465,
        _TLS,
        Needs.APP_PASSWORD,
        _REVIEWED,
        domains=("yahoo.com", "ymail.com", "rocketmail.com"),
    ),
    Provider(
        "Yandex Mail",
        ("smtp.yandex.com", "smtp.yandex.ru"),
        465,
        _TLS,
        Needs.APP_PASSWORD,
        _REVIEWED,
        domains=("yandex.com", "yandex.ru"),
    ),
    Provider(
        "Zoho Mail",
        ("smtp.zoho.com", "smtp.zoho.eu"),
        465,
        _TLS,
        Needs.PASSWORD,
        _REVIEWED,
        domains=("zoho.com", "zoho.eu"),
    ),
)


def find_provider(host: str) -> Provider | None:
    """The provider to whom a server belongs, if it is one of the well-known ones."""
    name = host.strip().rstrip(".").lower()
    return next((each for each in PROVIDERS if each.serves(name)), None)


def find_by_address(address: str) -> Provider | None:
    """The provider of the mailbox behind an address. It is told by the domain alone; nobody is asked."""
    domain = domain_of(address)
    return next((each for each in PROVIDERS if domain in each.domains), None)


def domain_of(address: str) -> str:
    return address.strip().rpartition("@")[2].rstrip(".").lower()


def find_by_name(name: str) -> Provider | None:
    return next((each for each in PROVIDERS if each.name == name), None)
