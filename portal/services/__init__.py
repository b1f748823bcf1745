"""Knows everything the portal can do: each use case, and how they are put together."""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from passlib.context import CryptContext

from portal.domain.hosts import is_literal_address
from portal.mail.egress import Egress
from portal.mail.pool import Pool
from portal.mail.templates import MailTemplates
from portal.services.accounts import Accounts
from portal.services.audit import Audit
from portal.services.delivering import Delivering
from portal.services.destinations import Destinations
from portal.services.forgetting import Forgetting
from portal.services.inheritance import Inheritance
from portal.services.invitations import Invitations
from portal.services.linked_configs import LinkedConfigs
from portal.services.links import Links
from portal.services.mail_configs import MailConfigs
from portal.services.mail_passwords import MailPasswords
from portal.services.mail_ways import MailWays
from portal.services.outbox import Outbox
from portal.services.own_words import OwnWords
from portal.services.passphrases import Passphrases
from portal.services.password_changes import PasswordChanges
from portal.services.passwords import Passwords
from portal.services.places import Clock
from portal.services.preparation import Preparation
from portal.services.profiles import Profiles
from portal.services.resolution import Resolver
from portal.services.sender_policies import SenderPolicies
from portal.services.sending import Sending
from portal.services.settlement import Settlement
from portal.services.system_mail import Letters
from portal.services.template_previews import TemplatePreviews
from portal.services.templates import Templates
from portal.services.tenants import Tenants
from portal.services.throttle import Throttle
from portal.services.transmission import Transmission
from portal.services.trial_runs import TrialRuns
from portal.services.trials import Trials
from portal.services.users import Users
from portal.settings import Settings
from portal.vault.keyring import KeyRing
from portal.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Services:
    """The list of everything the doors may ask for."""

    clock: Clock
    tenants: Tenants
    accounts: Accounts
    invitations: Invitations
    password_changes: PasswordChanges
    mail_configs: MailConfigs
    users: Users
    profiles: Profiles
    linked_configs: LinkedConfigs
    mail_passwords: MailPasswords
    mail_ways: MailWays
    trials: Trials
    templates: Templates
    template_previews: TemplatePreviews
    sender_policies: SenderPolicies
    outbox: Outbox
    audit: Audit
    sending: Sending
    delivering: Delivering
    trial_runs: TrialRuns
    forgetting: Forgetting


@dataclass(frozen=True, slots=True)
class World:
    """What comes from outside: the time, the network's edge, the cost of a password hash, the words of the mails."""

    clock: Clock
    egress: Egress
    hashes: CryptContext
    mail_templates: Path


def build_services(settings: Settings, world: World) -> Services:
    vault = Vault(KeyRing(settings.key_ring))
    audit = Audit(world.clock)
    throttle = Throttle(world.clock)
    passwords = Passwords(vault)
    passphrases = Passphrases(world.hashes)
    links = Links(world.clock, settings.public_url)
    resolver = Resolver(
        vault=vault,
        instance_default=settings.instance_default,
        helo_name=_helo_name(settings.public_url),
        cleartext_allowed=settings.cleartext_sign_in,
    )
    layouts = MailTemplates.under(world.mail_templates)
    letters, own_words = Letters(layouts), OwnWords(layouts)
    destinations = Destinations(world.clock, world.egress)
    transmission = Transmission(world.egress, destinations, Pool(time.monotonic))
    settlement = Settlement(world.clock)
    outbox = Outbox(world.clock, resolver, passwords, fallback_domain=_host_of(settings.public_url))
    sending = Sending(outbox, own_words)
    accounts = Accounts(world.clock, audit, throttle, passphrases)
    invitations = Invitations(audit, accounts, throttle, passphrases, links, letters, sending)
    inheritance = Inheritance(resolver)
    templates = Templates(world.clock, audit)
    preparation = Preparation(world.clock, resolver, passwords, settlement)
    return Services(
        clock=world.clock,
        tenants=Tenants(world.clock, audit, vault, invitations),
        accounts=accounts,
        invitations=invitations,
        password_changes=PasswordChanges(audit, throttle, passphrases, links, letters, sending),
        mail_configs=MailConfigs(world.clock, audit, inheritance, passwords),
        users=Users(world.clock, audit),
        profiles=Profiles(world.clock, audit),
        linked_configs=LinkedConfigs(world.clock, audit),
        mail_passwords=MailPasswords(world.clock, audit, passwords),
        mail_ways=MailWays(resolver, inheritance),
        trials=Trials(world.clock, audit, throttle, passwords, destinations),
        templates=templates,
        template_previews=TemplatePreviews(
            world.clock, throttle, templates, own_words, inheritance, resolver, sending, settings.public_url
        ),
        sender_policies=SenderPolicies(audit),
        outbox=outbox,
        audit=audit,
        sending=sending,
        delivering=Delivering(world.clock, passwords, preparation, transmission, settlement),
        trial_runs=TrialRuns(world.clock, resolver, passwords, transmission, letters),
        forgetting=Forgetting(world.clock),
    )


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or "localhost"


def _helo_name(public_url: str) -> str:
    """RFC 5321 §4.1.3: a machine without a name gives its address in brackets."""
    host = _host_of(public_url)
    if not is_literal_address(host):
        return host
    return f"[IPv6:{host}]" if ":" in host else f"[{host}]"
