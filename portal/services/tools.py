"""Knows the tools that use cases share, and how they are made from settings and the world outside."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from passlib.context import CryptContext

from portal.domain.hosts import is_literal_address
from portal.mail.egress import Egress
from portal.mail.ending import Ending
from portal.mail.pool import Pool
from portal.mail.templates import MailTemplates
from portal.services.audit import Audit
from portal.services.audit_chain import AuditChain
from portal.services.brand_shelf import BrandShelf
from portal.services.browsers import Browsers
from portal.services.destinations import Destinations
from portal.services.health import HealthWatch
from portal.services.inheritance import Inheritance
from portal.services.links import Links
from portal.services.notices import Notices
from portal.services.outbox import Outbox
from portal.services.own_words import OwnWords
from portal.services.passphrases import Passphrases
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.portal_urls import PortalUrls
from portal.services.recovery_codes import RecoveryCodes
from portal.services.resolution import Resolver
from portal.services.second_factors import SecondFactors
from portal.services.seeds import Seeds
from portal.services.sending import Sending
from portal.services.settlement import Settlement
from portal.services.sign_ins import SignIns
from portal.services.system_mail import Letters
from portal.services.throttle import Throttle
from portal.services.transmission import Transmission
from portal.settings import Settings
from portal.store.journal import Journal
from portal.vault.audit_chain import AuditSeals
from portal.vault.keyring import KeyRing
from portal.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class World:
    """What comes from outside: the time, the network's edge, the cost of a password hash, the words of the mails.

    `delivers` tells whether some process on this machine delivers. `steady` counts seconds and is never turned.
    """

    clock: Clock
    egress: Egress
    hashes: CryptContext
    mail_templates: Path
    delivers: Callable[[], bool]
    steady: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Tools:
    """What several use cases need, each made once."""

    clock: Clock
    vault: Vault
    audit: Audit
    audit_chain: AuditChain
    throttle: Throttle
    passwords: Passwords
    passphrases: Passphrases
    shelf: BrandShelf
    urls: PortalUrls
    links: Links
    letters: Letters
    own_words: OwnWords
    resolver: Resolver
    inheritance: Inheritance
    destinations: Destinations
    transmission: Transmission
    settlement: Settlement
    outbox: Outbox
    sending: Sending
    health: HealthWatch
    browsers: Browsers
    sign_ins: SignIns
    second_factors: SecondFactors


def build_tools(settings: Settings, world: World) -> Tools:
    ring = KeyRing(settings.key_ring)
    vault, audit_chain = Vault(ring), AuditChain(world.clock, AuditSeals.of(ring))
    passwords = Passwords(vault)
    resolver = Resolver(
        vault=vault,
        instance_default=settings.instance_default,
        helo_name=_helo_name(settings.public_url),
        cleartext_allowed=settings.cleartext_sign_in,
    )
    layouts = MailTemplates.under(world.mail_templates)
    letters, own_words = Letters(layouts), OwnWords(layouts)
    destinations = Destinations(world.clock, world.egress)
    outbox = Outbox(world.clock, resolver, passwords, fallback_domain=_host_of(settings.public_url))
    audit, sending = Audit(world.clock, audit_chain), Sending(outbox, own_words)
    throttle, shelf, urls = Throttle(world.clock), BrandShelf(world.clock), PortalUrls(settings.public_url)
    browsers = Browsers(world.clock, letters, sending)
    return Tools(
        clock=world.clock,
        vault=vault,
        audit=audit,
        audit_chain=audit_chain,
        throttle=throttle,
        passwords=passwords,
        passphrases=Passphrases(world.hashes, settings.breached_passwords),
        shelf=shelf,
        urls=urls,
        links=Links(world.clock, urls),
        letters=letters,
        own_words=own_words,
        resolver=resolver,
        inheritance=Inheritance(resolver),
        destinations=destinations,
        transmission=Transmission(world.egress, destinations, Pool(time.monotonic), Ending(time.monotonic)),
        settlement=Settlement(world.clock, Journal(settings.journal_dir)),
        outbox=outbox,
        sending=sending,
        health=HealthWatch(world.clock, audit, letters, sending, urls, _check_every(settings)),
        browsers=browsers,
        second_factors=SecondFactors(
            world.clock, audit, throttle, Seeds(passwords), RecoveryCodes(), Notices(letters, sending)
        ),
        sign_ins=SignIns(world.clock, audit, browsers, settings.second_factor, shelf),
    )


def _check_every(settings: Settings) -> timedelta:
    """Where nothing is checked by the clock it does not matter when that would be."""
    return timedelta(hours=settings.check_hours or 24)


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or "localhost"


def _helo_name(public_url: str) -> str:
    """RFC 5321 §4.1.3: a machine without a name gives its address in brackets."""
    host = _host_of(public_url)
    if not is_literal_address(host):
        return host
    return f"[IPv6:{host}]" if ":" in host else f"[{host}]"
